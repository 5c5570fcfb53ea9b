import { corrupted, fatal, fenced, retriable } from './row.ts'

/** Who owns the job, and the ledger that decides it. */
export const ledgerCodes = {
  OWNED_BY_ANOTHER: fenced(
    'A newer execution of the same job has taken over. This execution has ended and writes nothing more.',
    'Nothing, if the takeover was intended. Otherwise stop one of the two processes.',
  ),
  LEDGER_OVERTAKEN: fenced(
    'Another run of the job has fenced this one, or has committed to the ledger in the meantime.',
    'Nothing: unlike after other fenced errors there is a next attempt, which finds the owner in the ledger.',
  ),
  LINEAGE_MISMATCH: corrupted(
    'The ledger and the checkpoint storage belong to different histories of the job, or one of them is missing.',
    'Start the job with the cluster, `transactionalIdPrefix`, guarantee and storage of its last run, or restore what is missing. To start over on purpose, pass `abandonLineage` as the message shows.',
  ),
  HISTORY_MOVED: retriable(
    'The ledger or the storage changed while the job was starting, because another start is in progress.',
    'Nothing: the next attempt reads both again.',
  ),
  PLAN_CHANGED: retriable(
    'Another member of the job has written a plan in the meantime.',
    'Nothing: the next attempt reads it.',
  ),
  STATE_TOPIC_MISSING: fatal(
    'The topic of snapshots does not exist, and the cluster does not allow this user to create it.',
    'Grant the right to create it, or create it with the command in the message.',
  ),
  STATE_TOPIC_NOT_CREATED: retriable(
    'The topic of snapshots could not be created, or no broker shows it yet.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
  STATE_TOPIC_BEHIND: retriable(
    'The topic of snapshots does not yet show a snapshot that is known to exist.',
    'Check that the partition has a leader. The next attempt reads it again.',
  ),
  LEDGER_BEHIND: retriable(
    'The ledger does not yet show entries that are known to exist.',
    'Nothing: the next attempt reads it again.',
  ),
  LEDGER_READ_STALE: retriable(
    'The broker that answered did not know the newest entries of the ledger. No checkpoint was decided.',
    'If it repeats, check that the broker reaches the other brokers and the controller.',
  ),
  LEDGER_APPEARED: retriable(
    'The ledger topic, or the plan topic, did not exist when it was read, and exists now.',
    'Nothing: the next attempt reads it.',
  ),
  JOB_NOT_FOUND: fatal(
    '`rxweft status` found no ledger topic of this job.',
    'Check the name of the job, the brokers, and `--prefix`.',
  ),
  LEDGER_TRUNCATED: fatal(
    'The ledger topic is shorter than when it was read: it was deleted and created again, or lost records in an unclean leader election.',
    'Restore the topic. Output topics on the same brokers may have lost records, too.',
  ),
  LEDGER_DAMAGED: corrupted(
    'An entry of the ledger, or the plan, cannot be read, or its checksum is wrong.',
    'Restore the ledger topic or file from an intact copy. If the storage is a network file system, check that all clients see the same files.',
  ),
  LEDGER_NEWER: corrupted(
    'A newer version of rxweft wrote the ledger or the plan.',
    'Upgrade rxweft to the version that wrote it, or a later one.',
  ),
  LEDGER_ENTRY_INVALID: fatal(
    'A source returned an invalid offset, or a sink returned a handle that is not JSON. Nothing was committed.',
    'Correct the source or sink that the message names.',
  ),
  LEDGER_NOT_FENCED: fatal(
    'A ledger session was asked to commit before it was fenced.',
    'Call `fence()` after opening a session, and again after a failed commit.',
  ),
  LEDGER_TOPIC_MISSING: fatal(
    'The ledger topic, or the plan topic, does not exist, and the cluster does not allow this user to create it.',
    'Grant the right to create it, or create it with the command in the message.',
  ),
  LEDGER_TOPIC_NOT_CREATED: retriable(
    'The ledger topic, or the plan topic, could not be created, or no broker shows it yet.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
  LEDGER_TOPIC_TOO_SMALL: fatal(
    'The ledger topic has fewer partitions than the job has shards, or the plan topic fewer than two, and this user may not add partitions.',
    'Grant the right to alter it, or add partitions with the command in the message.',
  ),
  LEDGER_TOPIC_NOT_ALTERED: retriable(
    'Partitions could not be added to the ledger topic or the plan topic.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
} as const
