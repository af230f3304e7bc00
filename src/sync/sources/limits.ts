/** What a delivery may cost at most. A file beyond a limit fails by itself, a line beyond one is quarantined by itself; memory stays flat. */
export interface FileLimits {
  /** Longest physical line, in bytes. */
  lineBytesMax: number;
  /** Furthest a quoted cell may run over line ends, in characters of the whole record. */
  recordCharactersMax: number;
  /** Most columns of a header. */
  columnsMax: number;
  /** Largest file once decompressed, in bytes. */
  fileBytesMax: number;
  /** Most bytes that one compressed byte may become, counted once `compressedFreeBytes` have come out: exchange files reach 40, bombs 1,000. */
  compressionRatioMax: number;
  compressedFreeBytes: number;
}

export const FILE_LIMITS: FileLimits = {
  lineBytesMax: 1_048_576,
  recordCharactersMax: 1_048_576,
  columnsMax: 500,
  fileBytesMax: 64 * 1024 ** 3,
  compressionRatioMax: 200,
  compressedFreeBytes: 64 * 1024 ** 2,
};
