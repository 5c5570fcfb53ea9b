import { corrupted, fatal, retriable } from './row.ts'

/** Keyed state, and its way into snapshots and out of them. */
export const stateCodes = {
  STATE_UNCLAIMED: fatal(
    'The snapshot has state that the job does not declare.',
    'Restore the operator or state, or its previous name; `renamedFrom` keeps the state of an operator that was renamed. To lose the state on purpose, name the operator in `allowDropped.state`.',
  ),
  STATE_NOT_DECODABLE: corrupted(
    'State in the snapshot cannot be decoded. Nothing was changed.',
    'Use the codec that wrote it. If the format has changed, raise `version` and give `migrate`.',
  ),
  STATE_NOT_ENCODABLE: fatal(
    'A value of the state cannot be encoded. The checkpoint was not taken. Although the error is fatal, the job restarts once, to find the record that set the value.',
    'Store values that the codec accepts, or set a codec. The default is JSON.',
  ),
  STATE_TOO_NEW: fatal(
    'The snapshot has a newer version of the state than the job knows.',
    'Run the version of the job that wrote it, or a later one.',
  ),
  MIGRATION_MISSING: fatal(
    'The snapshot has an older version of the state, and no migration leads to the current one.',
    'Add the function that the message names to `migrate`.',
  ),
  NO_SUCH_STATE: fatal('The job has no state of this name.', 'Use one of the names in the message.'),
  WRONG_STATE_KIND: fatal(
    'The state that is read is of another kind: one value for each key, or a map.',
    'Use the call that the message shows.',
  ),
  CANNOT_READ_STATE: fatal('The state of the job cannot be read beside the job.', 'Do as the message says.'),
  WATERMARKS_DAMAGED: corrupted(
    'The snapshot has something else in place of the watermarks of a source.',
    'If another operator had this `id` before, restore the previous `id` of both.',
  ),
  STATE_NOT_OPENED: fatal(
    'The LMDB file for state cannot be opened.',
    'Name a folder on a local disk that the process may write to.',
  ),
  LMDB_UNAVAILABLE: fatal(
    'The package `lmdb` is missing or cannot be loaded.',
    'Run the `npm install` command in the message.',
  ),
  STATE_IO: retriable(
    'The LMDB file for state cannot be written. Nothing is lost: the state is in the checkpoints.',
    'Check that the disk is not full.',
  ),
} as const

/** Checkpoint storages and the snapshots in them. */
export const storageCodes = {
  SNAPSHOT_MISSING: corrupted(
    'The snapshot of the last checkpoint does not exist in the storage. The job does not start without it.',
    'Point the job to the storage of its last run, or restore the file.',
  ),
  SNAPSHOT_DAMAGED: corrupted(
    'A snapshot is cut off, or its checksum is wrong. Nothing of it was used.',
    'Restore the snapshot from an intact copy.',
  ),
  SNAPSHOT_NEWER: corrupted(
    'A newer version of rxweft wrote the snapshot.',
    'Upgrade rxweft to the version that wrote it, or a later one.',
  ),
  SNAPSHOT_FOREIGN: corrupted(
    'A snapshot belongs to another job, shard or checkpoint than its name says.',
    'Restore the right file, or give each job a storage of its own.',
  ),
  SAVEPOINT_MISSING: fatal(
    'The storage has no savepoint of this name.',
    'Correct the name, or the name of the job that it is of. `savepoints(storage, job)` lists them.',
  ),
  LINEAGE_STANDS: fatal(
    'The job exists, and was started from a savepoint that it has not begun from. Nothing was written.',
    'Remove `from` to go on. To go back, pass the lineage that the message names as `abandonLineage`, once: what was written since the savepoint is written again.',
  ),
  CANNOT_START_FROM_SAVEPOINT: fatal(
    'The savepoint lacks a part of what the job needs: records in its repartition topics, or another number of shards. Nothing was written.',
    'Do as the message says.',
  ),
  SAVEPOINT_EXISTS: fatal(
    'The job already has a savepoint of this name. It was not changed.',
    'Choose another name, or remove it first with `removeSavepoint`.',
  ),
  SAVEPOINT_TOO_EARLY: fatal(
    'The job has no checkpoint that could be kept.',
    'Wait until the job has started; event `restored` tells.',
  ),
  CANNOT_KEEP_SAVEPOINT: fatal(
    'The storage or the ledger does not allow savepoints, or a process of a job with `members` was killed while the job stopped. No savepoint was written.',
    'Do as the message says.',
  ),
  SAVEPOINT_DAMAGED: corrupted(
    'A savepoint is cut off, or its checksum is wrong. Nothing of it was used.',
    'Restore it from an intact copy.',
  ),
  SAVEPOINT_NEWER: corrupted(
    'A newer version of rxweft wrote the savepoint.',
    'Upgrade rxweft to the version that wrote it, or a later one.',
  ),
  STORAGE_IO: retriable(
    'The file system refused to read or write a file, or the bucket did not answer or refused a request.',
    'Check that the disk is not full, broken or disconnected, or that the bucket is reachable and the credentials are valid.',
  ),
  STORAGE_FOLDER: fatal(
    'The storage folder cannot be created or written.',
    'Name a folder on a local disk that the process may write to.',
  ),
  STORAGE_BUCKET: fatal(
    'The bucket of the storage does not exist, or refuses access.',
    'Check its name, its region and its policy; docs/storage.md lists the rights that a job needs.',
  ),
  STORAGE_NOT_EXCLUSIVE: fatal(
    'The storage overwrites existing keys, so it cannot decide which of two runs goes on.',
    "Use a storage that keeps to conditional writes, or a sink whose ledger is Kafka's.",
  ),
  STORAGE_NO_LINKS: fatal(
    'The file system of the storage folder has no hard links.',
    'Use a storage folder on a local file system.',
  ),
  STORAGE_RIGHTS: fatal(
    'A file or folder of the storage has the wrong owner or permissions.',
    'Change the permissions as the message says.',
  ),
  STORAGE_LINK: fatal(
    'The storage folder contains a symbolic link.',
    'Replace the link with the files themselves. Only the storage folder as a whole may be a link.',
  ),
  STORAGE_DAMAGED: corrupted(
    'The storage has a file in place of a folder, or a folder in place of a file.',
    'Restore the storage folder. Only rxweft may write to it.',
  ),
  TOO_MANY_FILES: retriable(
    'The process has reached its limit of open files.',
    'Raise the limit: `ulimit -n`, `LimitNOFILE` of the service, or the limit of the container.',
  ),
  KEY_EXISTS: fatal(
    'A storage already has an entry under this key, and keys are written once.',
    'If the storage is your own, generate no key twice.',
  ),
  BAD_KEY: fatal(
    'A key of a checkpoint storage has characters that are not allowed, or is too long.',
    'Join segments of letters, digits, dots, underscores and hyphens with `/`.',
  ),
} as const
