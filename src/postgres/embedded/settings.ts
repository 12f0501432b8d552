/** What the server is started with, on its command line: that goes before any file, `ALTER SYSTEM` included. */
export function serverSettings(port: number, socketFolder: string): readonly string[] {
  const settings: Readonly<Record<string, string | number>> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',

    // The ledger's promise: what was acknowledged is there after a crash.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',

    // Nothing personal may lie in clear in the data folder, and the log lies there. The text of an ERROR quotes values
    // ("invalid input syntax for type …"), its DETAIL quotes keys, its STATEMENT quotes literals: the client gets them, the
    // log does not. LOG, FATAL and PANIC speak of the server.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_duration: 'off',
    log_min_duration_statement: -1,
    log_min_duration_sample: -1,
    log_transaction_sample_rate: 0,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_checkpoints: 'off',
    log_lock_waits: 'off',
    log_temp_files: -1,
    log_autovacuum_min_duration: -1,
    log_statement_stats: 'off',
    debug_print_parse: 'off',
    debug_print_rewritten: 'off',
    debug_print_plan: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    lc_messages: 'C',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
