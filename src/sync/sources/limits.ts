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
  /** Most files in the archive that a workbook is. */
  archiveEntriesMax: number;
  /** Largest workbook once decompressed, in bytes, and most characters its rows may spell out: a text that many cells share counts for each. */
  workbookBytesMax: number;
  /** Largest list of texts that a workbook's cells share, in bytes: it is kept in memory while the rows pass by. */
  sharedTextBytesMax: number;
}

export const FILE_LIMITS: FileLimits = {
  lineBytesMax: 1_048_576,
  recordCharactersMax: 1_048_576,
  columnsMax: 500,
  fileBytesMax: 64 * 1024 ** 3,
  compressionRatioMax: 200,
  compressedFreeBytes: 64 * 1024 ** 2,
  archiveEntriesMax: 2_000,
  workbookBytesMax: 2 * 1024 ** 3,
  sharedTextBytesMax: 128 * 1024 ** 2,
};
