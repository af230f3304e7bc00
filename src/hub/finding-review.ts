/**
 * Findings reviewed through the graph. Taking up, deciding and giving back are uses of findings by the verb REVIEW, which an agreement must
 * grant on what they change: the state and version of a finding, and for a decision the decision. An officer is required.
 */
import { GraphQLError } from 'graphql';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { badInput } from '../bureaus/bad-input';
import { recordKinds } from '../bureaus/bureau';
import { tags } from '../bureaus/record';
import type { Outcome, FindingState as State } from '../crosscheck/finding';
import {
  decide,
  giveBack,
  REASON_CHARACTERS_MAX,
  REVIEWED_MAX,
  type Reviewed,
  type ReviewMeans,
  ReviewRefused,
  type Seen,
  takeUp,
} from '../crosscheck/review';
import { FindingOutcome, FindingState, SUPERVISION } from './codes';
import type { HubContext } from './own-agreements';

@InputType({ description: 'A finding, and the version of it that you looked at · 疑点及所见版本' })
class FindingSeenInput {
  @Field(() => ID, { description: 'Its id · 疑点编号' })
  id!: string;

  @Field(() => Int, { description: 'Its version then: if it has another now, nothing is done · 所见版本' })
  version!: number;
}

@ObjectType({ description: 'A finding after a review · 核查处理结果', simpleResolvers: true })
@tags(`provider/${SUPERVISION}`)
class ReviewedFinding {
  @Field(() => ID, { description: 'Its id · 疑点编号' })
  @tags('kind/finding')
  id!: string;

  @Field(() => FindingState, { description: 'Where it stands now · 状态' })
  @tags('kind/finding')
  state!: State;

  @Field(() => Int, { description: 'Its version now: name it with the next act · 版本' })
  @tags('kind/finding')
  version!: number;
}

const FINDINGS = `Findings, 1 to ${REVIEWED_MAX}: all of them or none · 疑点`;
const ON_STATE = ['kind/finding', 'verb/REVIEW', 'presence', 'reads/id', 'reads/state', 'reads/version'] as const;

@Resolver()
export class FindingReviewResolver {
  @Mutation(() => [ReviewedFinding], { nullable: true, description: 'Take findings up, to review them · 受理疑点' })
  @tags(...ON_STATE)
  takeUpFindings(
    @Arg('findings', () => [FindingSeenInput], { description: FINDINGS }) findings: Seen[],
    @Ctx() context: HubContext,
  ): Promise<Reviewed[]> {
    return told(context, (means) => takeUp(means, findings));
  }

  @Mutation(() => [ReviewedFinding], {
    nullable: true,
    description: 'Decide on findings that are under review, or anew on decided ones · 对疑点作出结论',
  })
  @tags(...ON_STATE, 'reads/decision')
  decideFindings(
    @Arg('findings', () => [FindingSeenInput], { description: FINDINGS }) findings: Seen[],
    @Arg('outcome', () => FindingOutcome, { description: 'What is decided · 结论' }) outcome: Outcome,
    @Arg('reason', { description: `Why, 1 to ${REASON_CHARACTERS_MAX} characters · 理由` }) reason: string,
    @Arg('bureau', () => String, {
      nullable: true,
      description: 'With SOURCE_ERROR: code of the bureau whose record is wrong · 数据有误的部门',
    })
    bureau: string | null,
    @Ctx() context: HubContext,
  ): Promise<Reviewed[]> {
    const bureaus = [...new Set(recordKinds().map(({ provider }) => provider))].sort();
    return told(context, (means) => decide(means, findings, { outcome, reason, bureau }, bureaus));
  }

  @Mutation(() => [ReviewedFinding], {
    nullable: true,
    description: 'Give back findings that you do not review after all: they are open again · 退回疑点',
  })
  @tags(...ON_STATE)
  giveBackFindings(
    @Arg('findings', () => [FindingSeenInput], { description: FINDINGS }) findings: Seen[],
    @Ctx() context: HubContext,
  ): Promise<Reviewed[]> {
    return told(context, (means) => giveBack(means, findings));
  }
}

/** What was done, with the persons concerned noted for the audit record. Refusals were written for the officer; whatever else goes wrong was not. */
async function told(context: HubContext, act: (means: ReviewMeans) => Promise<Reviewed[]>): Promise<Reviewed[]> {
  const { caller, pool, office, countsPersons } = context;
  // Persons are counted when they were reached: an act over the limit could only be hidden, not undone.
  if (countsPersons)
    throw badInput(
      'Findings are not reviewed under an agreement that counts persons: ask for REVIEW in one of its own',
    );
  try {
    const done = await act({ database: { pool }, reviewer: caller, now: office.now });
    context.reachPersons(done.flatMap(({ personKey }) => personKey ?? []));
    return done;
  } catch (error) {
    if (!(error instanceof ReviewRefused)) throw error;
    const { refused } = error;
    const code = refused.some(({ because }) => because !== 'UNKNOWN') ? 'CONFLICT' : 'BAD_USER_INPUT';
    throw new GraphQLError(error.message, { extensions: { code, ...(refused.length > 0 && { refused }) } });
  }
}
