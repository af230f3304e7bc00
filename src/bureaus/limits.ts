/** How much one question to a bureau may fetch. */

/** Records of one page of a list or feed, at most and unless told. */
export const PAGE_MAX = 5_000;
export const PAGE_DEFAULT = 100;
export const FEED_PAGE_DEFAULT = 1_000;

/** Persons one field may ask for at once. */
export const PERSONS_MAX = 1_000;

/** Person keys of one statement: those of a thousand persons, some of whom have several. */
export const KEYS_MAX = 2_000;

/** Records of one kind that one person may have in a plain list; more is a sign of a shared number and is said, never cut silently. */
export const RECORDS_PER_PERSON_MAX = 1_000;
