/**
 * A finding as a document, to be attached to a referral: `Finding.document`. Its hash stands in the audit record of the answer, so that whoever
 * has the document can prove when and to whom it was given; `heyan findings export` puts that proof and the document into one file.
 */
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import { documentHash } from '../audit/document';
import { canonicalJson } from '../audit/record';
import { tags } from '../bureaus/record';
import { documentOf } from '../crosscheck/document';
import type { Finding as FoundFinding } from '../crosscheck/finding';
import { FUND_SUPERVISION, SUPERVISION } from './codes';
import { Finding } from './finding';
import type { HubContext } from './own-agreements';

@ObjectType({ description: 'A finding as a document · 疑点证据文书', simpleResolvers: true })
class FindingDocument {
  @Field({ description: 'Canonical JSON (RFC 8785) · 规范化 JSON 文本' })
  @tags('open')
  text!: string;

  @Field({ description: 'The hash that the audit record of this answer names · 审计记录所载散列值' })
  @tags('open')
  hash!: string;
}

/** What a document shows of a finding and its rule: it is no way round a field that is not granted. */
const SHOWN = [
  'id', 'rule', 'code', 'title', 'titleZh', 'basis', 'reads', 'version', 'subjectKind', 'subject', 'person', 'amount', 'tier', 'state', 'class',
  'advice', 'evidence', 'foundAt', 'changedAt', 'isSupported', 'changedSinceDecision', 'withdrawnBecause', 'decision', 'history',
] as const; // biome-ignore format: a list of words

@Resolver(() => Finding)
export class FindingDocumentResolver {
  @FieldResolver(() => FindingDocument, {
    description:
      'All of it for a referral: rule, law, records, and the audit records under which they were read; blind · 移送用证据文书',
  })
  @tags('kind/finding', ...SHOWN.map((field) => `reads/${field}` as const))
  async document(@Root() finding: FoundFinding, @Ctx() context: HubContext): Promise<FindingDocument> {
    const document = await documentOf(context, finding, { agency: SUPERVISION, purpose: FUND_SUPERVISION });
    const hash = documentHash(document, context.log.hash);
    context.handOut(hash);
    return { text: canonicalJson(document), hash };
  }
}
