import { statfsSync } from 'node:fs';

/** Below this, PostgreSQL's parallel queries run out of /dev/shm; containers get 64 MB by default. */
const sharedMemoryMegabytesMin = 512;

/**
 * Settings of the embedded server, given on its command line at every start, so that a newer Heyan's settings also reach older
 * databases. For a machine with two cores and 4 GB; a larger city brings its own server with DATABASE_URL.
 */
export function serverSettings(): Record<string, string> {
  return {
    // An answer leaves only after its audit record is on disk, so nothing here may be relaxed.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',

    max_connections: '100',
    shared_buffers: '256MB',
    effective_cache_size: '1GB',
    work_mem: '32MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '10min',
    // Measured: with it, copying a database of 7 MB takes 250 ms instead of 75.
    wal_compression: 'off',
    random_page_cost: '1.1',
    max_parallel_workers: '2',
    max_parallel_workers_per_gather: '1',
    // Compiling a plan costs more than our short queries take.
    jit: 'off',
    dynamic_shared_memory_type: hasSharedMemory() ? 'posix' : 'sysv',

    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'ISO',
    client_encoding: 'UTF8',
    lc_messages: 'C',
    password_encryption: 'scram-sha-256',

    // A query whose process was killed stops soon instead of running to its end.
    client_connection_check_interval: '10s',

    // The server's log tells of starts and crashes. Failed statements go to the caller only: they may quote a person's data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    cluster_name: 'heyan',
  };
}

function hasSharedMemory(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const { blocks, bsize } = statfsSync('/dev/shm');
    return (blocks * bsize) / 2 ** 20 >= sharedMemoryMegabytesMin;
  } catch {
    return false;
  }
}
