/** What a register that answers over HTTP may cost at most. Beyond a limit the run ends with a SourceFault; rows that were taken stand. */
export interface HttpLimits {
  /** Largest answer once decompressed, in bytes. */
  bodyBytesMax: number;
  rowsPerPageMax: number;
  /** Pages that one run reads; an endless register ends there. */
  pagesPerRunMax: number;
  /** A chunk ends behind the page with which it reaches so many bytes of JSON, so that memory stays flat however long the rows are. */
  chunkBytes: number;
  redirectsMax: number;
  /** Longest cursor or address of a next page, which is kept with the checkpoint. */
  placeCharactersMax: number;
  /** How often a run may begin again because its pages moved or its place was forgotten. */
  restartsMax: number;
  /** The first pause before a page is asked for again; each further one is twice as long, up to the longest. */
  pauseMillisecondsFirst: number;
  pauseMillisecondsMax: number;
  /** Longest that a register may ask to be left alone with `Retry-After`. */
  retryAfterMillisecondsMax: number;
  /** Most columns that the properties of one chunk's rows become, and the longest name of one. */
  columnsMax: number;
  nameCharactersMax: number;
  /** Deepest object in an object of which properties become columns. */
  depthMax: number;
}

export const HTTP_LIMITS: HttpLimits = {
  bodyBytesMax: 64 * 1024 ** 2,
  rowsPerPageMax: 100_000,
  pagesPerRunMax: 100_000,
  chunkBytes: 16 * 1024 ** 2,
  redirectsMax: 5,
  placeCharactersMax: 8_192,
  restartsMax: 2,
  pauseMillisecondsFirst: 1_000,
  pauseMillisecondsMax: 60_000,
  retryAfterMillisecondsMax: 300_000,
  columnsMax: 500,
  nameCharactersMax: 200,
  depthMax: 10,
};
