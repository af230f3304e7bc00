/**
 * Claims by their own key and by institution, and the lines of a claim.
 */
import {
  Arg,
  Args,
  ArgsType,
  type ClassType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { badInput, pageSize } from '../bad-input';
import { type Connection, connectionOf, PageArgs } from '../connection';
import type { BureauContext } from '../context';
import { PAGE_DEFAULT, PAGE_MAX } from '../limits';
import { type ListOrder, listPage, type PersonReference, pageOf, recordBySource } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { Claim } from './claim';
import { ClaimLine } from './claim-line';

/** Newest care first. A claim has a day of service or of admission; the check of its delivery sees to that. */
export const BY_DAY_OF_CARE: ListOrder = {
  sql: 'coalesce(r.service_date, r.admission_date)',
  type: 'date',
  newestFirst: true,
  reads: ['serviceDate', 'admissionDate'],
};
// Made before any schema is built: a type that appears while type-graphql builds one is not seen by it.
const ClaimConnection = connectionOf(Claim);
const ClaimLineConnection = connectionOf(ClaimLine);
const BY_LINE_NO: ListOrder = { sql: 'r.line_no', type: 'integer', newestFirst: false, reads: ['lineNo'] };

@ArgsType()
class ClaimsArgs extends PageArgs {
  @Field(() => String, { description: 'Code of the institution · 定点医药机构代码' })
  institutionCode!: string;

  @Field(() => DateScalar, { nullable: true, description: 'First day of care · 服务日期起' })
  from?: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day of care · 服务日期止' })
  to?: string;
}

@Resolver(() => Claim)
export class ClaimResolver {
  @Query(() => Claim, { nullable: true, description: "One claim by its key in the bureau's system · 按主键查询结算" })
  @tags('kind/claim', 'verb/LOOKUP', 'presence')
  claim(
    @Arg('sourceId', () => ID, { description: 'Key of the claim · 结算主键' }) sourceId: string,
    @Ctx() context: BureauContext,
  ): Promise<object | null> {
    if (sourceId.includes('\0')) throw badInput('sourceId holds a NUL character');
    return recordBySource(recordKind(Claim), sourceId, context);
  }

  @Query(() => ClaimConnection, {
    nullable: true,
    description: 'Claims of one institution, newest care first · 机构结算列表',
  })
  @tags(
    'kind/claim',
    'verb/LIST',
    'presence',
    'reads/institutionCode',
    'reads/serviceDate',
    'reads/admissionDate',
    'reads/sourceId',
  )
  claims(@Args() args: ClaimsArgs, @Ctx() context: BureauContext): Promise<Connection<object>> {
    if (args.institutionCode.includes('\0')) throw badInput('institutionCode holds a NUL character');
    const day = BY_DAY_OF_CARE.sql;
    const where = `r.institution_code = $2 and ($3::date is null or ${day} >= $3) and ($4::date is null or ${day} <= $4)`;
    const page = { size: pageSize(args.first, PAGE_DEFAULT, PAGE_MAX), after: args.after };
    return listPage(
      recordKind(Claim),
      BY_DAY_OF_CARE,
      where,
      [args.institutionCode, args.from ?? null, args.to ?? null],
      page,
      context,
    );
  }

  @FieldResolver(() => ClaimLineConnection, { nullable: true, description: 'Its lines · 费用明细' })
  @tags('kind/claim_line', 'presence', 'reads/lineNo', 'reads/sourceId')
  lines(
    @Root() claim: { sourceId: string; knownAt: string | null },
    @Args() { first, after }: PageArgs,
    @Ctx() context: BureauContext,
  ): Promise<Connection<object>> {
    const page = { size: pageSize(first, PAGE_DEFAULT, PAGE_MAX), after, knownAt: claim.knownAt };
    return pageOf(recordKind(ClaimLine), BY_LINE_NO, 'claim_source_id', [claim.sourceId], page, context);
  }
}

/** The resolver of `accountOwner` on a claim. */
export function claimPerson(Person: ClassType): ClassType {
  @Resolver(() => Claim)
  class AccountOwner {
    @FieldResolver(() => Person, {
      nullable: true,
      description: 'Owner of the personal account used; null is the patient · 个人账户所有人',
    })
    @tags('kind/claim', 'sensitivity/PERSONAL')
    accountOwner(
      @Root() { accountOwner }: { accountOwner?: PersonReference },
      @Ctx() context: BureauContext,
    ): PersonReference | null {
      if (accountOwner) context.reachPersons([accountOwner.id]);
      return accountOwner ?? null;
    }
  }
  return AccountOwner;
}
