import { corrupted, fatal, fenced, retriable } from './row.ts'

/** Wrong options, wrong wiring of a pipeline: found before a record is read. */
export const definitionCodes = {
  BAD_OPTION: fatal(
    'An option has an unknown name, is missing, or has a value that is not allowed. The message lists all such options of the call.',
    'Correct the options that the message names.',
  ),
  BAD_JOB_NAME: fatal(
    'The name of the job cannot be used in topic names, file names and transactional ids.',
    'Use 1 to 100 letters, digits, dots, underscores and hyphens. Start with a letter or digit.',
  ),
  NAME_TOO_LONG: fatal(
    'A topic named after the job would have a longer name than Kafka allows.',
    'Shorten the name of the job, `transactionalIdPrefix` or the name of the repartition topic.',
  ),
  EMPTY_JOB: fatal('The job has no source or no sink.', 'Read with `from(source)` and end every branch in `to(sink)`.'),
  NOT_AN_OUTPUT: fatal(
    'A branch that the pipeline function returns does not end in `to(sink)`.',
    'Make `to(sink)` the last operator in `pipe()`, and return the result of `pipe()`.',
  ),
  NOT_A_CODEC: fatal(
    'A value was passed as a codec that is not one.',
    'Pass `json()`, `text`, `bytes`, `messagePack()`, a `Serde`, an io-ts codec or a Standard Schema validator.',
  ),
  ASYNC_SCHEMA: fatal(
    'A validator returned a promise, but records are decoded synchronously.',
    'Use a schema without asynchronous steps, and do asynchronous checks in `asyncMap`.',
  ),
  ASYNC_WRITE: fatal(
    'The write of a sink is async, and a barrier would not wait for it.',
    'Let write keep the record and return, and let prepare wait until what was kept is safe.',
  ),
  COMPRESSION_UNAVAILABLE: fatal(
    'The package that implements this compression is missing or cannot be loaded.',
    'Run the `npm install` command in the message.',
  ),
  DUPLICATE_ID: fatal(
    'Two sources, sinks or operators with state have the same `id`.',
    'Give one of them an `id` of its own and keep it: checkpoints find state and offsets by it. If two branches use one operator, share its observable with `share()`.',
  ),
  DUPLICATE_STATE: fatal('An operator declares the same state twice.', 'Rename one of the two states.'),
  TWO_LEDGERS: fatal(
    'Two exactly-once sinks keep their decisions in different ledgers, so no single commit can decide a checkpoint.',
    "Give exactly-once sinks the same cluster object and the same transaction options, or set `guarantee: 'at-least-once'` on the others.",
  ),
  TRANSACTION_TIMEOUT_TOO_SHORT: fatal(
    'Kafka would abort a transaction before its checkpoint can be completed.',
    'Raise `transactionTimeout` above the sum of `checkpointing.interval` and `checkpointing.timeout`, or lower one of the two.',
  ),
  NO_DEAD_LETTER_SINK: fatal(
    "`onError` is 'dead-letter', but the job has no sink for dead letters.",
    'Set `onError: deadLetter(sink)` in the options of `defineJob`.',
  ),
  UNUSED_SOURCE: fatal(
    'The job reads from a source that no branch of the pipeline uses.',
    'Use the observable that `from(source)` returned in a branch that ends in `to(sink)`, or do not call `from` for this source.',
  ),
  OUTPUT_NOT_FED: fatal(
    'No source of the job reaches a sink.',
    'If the branch begins with a side output, pass this side output to an operator in another branch of the same job.',
  ),
  BARRIER_LOST: fatal(
    'An operator before a sink has dropped a barrier, so no checkpoint could complete.',
    'Import operators from `rxweft`, or wrap those of RxJS in `lift`: many of them drop barriers.',
  ),
  NOT_ALIGNED: fatal(
    'An operator received two Restores, or one barrier twice: inputs were combined without aligning their barriers.',
    'Combine streams with `merge`, `connect` or a join of `rxweft`, not with `merge` of RxJS.',
  ),
  NOT_AN_ELEMENT: fatal(
    'An operator received something that is not a stream element.',
    'Import `map`, `scan` and the like from `rxweft`, or wrap those of RxJS in `lift`: RxJS operators see elements, not values.',
  ),
  UNUSED_BRANCH: fatal(
    'Nothing reads a branch of `split`.',
    'Begin a branch of the job with it and end that branch in `to(sink)`. To drop its records, use `filter` before `split`.',
  ),
  SIDE_OUTPUT_UNUSED: fatal(
    'An operator writes to a side output that nothing reads.',
    'Begin a branch of the job with the side output and end it in `to(sink)`, or do not pass it to the operator.',
  ),
  SIDE_OUTPUT_TAKEN: fatal(
    'Two operators were given the same side output.',
    'Call `sideOutput()` once for each operator, inside the pipeline function, and `merge` the side outputs.',
  ),
  REPARTITION_BOUNDED: fatal(
    'A job with `repartition` has a bounded source, but one shard cannot tell when the repartition topic is finished.',
    'Remove `until` from the source, and call `stop()` once all records are processed.',
  ),
  CANNOT_ALIGN: fatal(
    '`withAlignment` is set on a source that cannot pause single splits.',
    'Remove `withAlignment`, or implement `hold` (and `ended` if the source is bounded) in its reader.',
  ),
  CANNOT_BE_SPREAD: fatal(
    'The job runs with `shards`, but a source, a sink or the checkpoint storage exists once per thread.',
    'Use sources, sinks and a storage that all shards share, or run the job without `shards`.',
  ),
  TOO_MANY_SHARDS: fatal(
    'The job has more shards than the largest source has partitions.',
    'Start the job with at most as many shards as partitions. Nothing was written.',
  ),
  NO_PROGRAM: fatal(
    'The job runs with `shards`, but the file of the main program is unknown.',
    'Set the option `program` to the file that calls `execute` for this job.',
  ),
} as const

/** Starting from a checkpoint, checkpoints while the job runs, and the end of an attempt. */
export const runCodes = {
  OWNED_BY_ANOTHER: fenced(
    'A newer execution of the same job has taken over. This execution has ended and writes nothing more.',
    'Nothing, if the takeover was intended. Otherwise stop one of the two processes.',
  ),
  SHARD_OVERTAKEN: fenced(
    'Another execution has taken over this shard.',
    'Nothing: unlike after other fenced errors there is a next attempt, which asks shard 0 who owns the job.',
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
  LEDGER_BEHIND: retriable(
    'The ledger does not yet show entries that are known to exist.',
    'Nothing: the next attempt reads it again.',
  ),
  LEDGER_READ_STALE: retriable(
    'The broker that answered did not know the newest entries of the ledger. No checkpoint was decided.',
    'If it repeats, check that the broker reaches the other brokers and the controller.',
  ),
  LEDGER_APPEARED: retriable(
    'The ledger topic did not exist when it was read, and exists now.',
    'Nothing: the next attempt reads it.',
  ),
  LEDGER_TRUNCATED: fatal(
    'The ledger topic is shorter than when it was read: it was deleted and created again, or lost records in an unclean leader election.',
    'Restore the topic. Output topics on the same brokers may have lost records, too.',
  ),
  LEDGER_DAMAGED: corrupted(
    'An entry of the ledger cannot be read, or its checksum is wrong.',
    'Replace it with an intact copy. If the storage is a network file system, check that all clients see the same files.',
  ),
  LEDGER_NEWER: corrupted(
    'A newer version of rxweft wrote the ledger.',
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
    'The ledger topic does not exist, and the cluster does not allow this user to create it.',
    'Grant the right to create it, or create it with the command in the message.',
  ),
  LEDGER_TOPIC_NOT_CREATED: retriable(
    'The ledger topic could not be created, or no broker shows it yet.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
  LEDGER_TOPIC_TOO_SMALL: fatal(
    'The ledger topic has fewer partitions than the job has shards, and this user may not add partitions.',
    'Grant the right to alter it, or add partitions with the command in the message.',
  ),
  LEDGER_TOPIC_NOT_ALTERED: retriable(
    'Partitions could not be added to the ledger topic.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
  SHARDS_CHANGED: fatal(
    'The job was started with another number of shards than before.',
    'Start it with the former number, or under another job name. The number is fixed at the first start.',
  ),
  SHARD_DIED: retriable(
    'The thread of a shard has ended unexpectedly.',
    'See the cause. The restart strategy decides about the next attempt.',
  ),
  SHARD_NOT_STARTED: fatal(
    'The thread of a shard did not reach its call of `execute` for this job.',
    'Call `execute` in every thread: do not guard it with `isMainThread`. Set `program` if another file than the main program calls it.',
  ),
  SOURCE_MISSING: fatal(
    'The last checkpoint has offsets of a source that the job no longer has.',
    'Restore the source or its previous `id`. To drop its offsets, start the job under another name.',
  ),
  SINK_MISSING: fatal(
    'The last checkpoint has prepared output of a sink that the job no longer has.',
    'Restore the sink or its previous `id`. To drop this output, start the job under another name.',
  ),
  TOPIC_DROPPED: fatal(
    'The last checkpoint has offsets of a topic that the source no longer names.',
    'Name the topic again. To drop its offsets, start the job under another name.',
  ),
  CHECKPOINT_TIMEOUT: retriable(
    'A checkpoint was not committed within `checkpointing.timeout`. The message names the part that it waited for.',
    'If this part is slow and not broken, raise `checkpointing.timeout`, and with it `transactionTimeout` of the sink.',
  ),
  CHECKPOINT_FAILED: retriable(
    'A checkpoint could not be completed. Nothing of it is visible.',
    'See the cause. The restart strategy decides about the next attempt.',
  ),
  CHECKPOINT_OUT_OF_ORDER: fatal(
    'A sink or the runner reported a step of a checkpoint that was not in progress.',
    'If the sink is your own, correct it. Otherwise report this as a bug in rxweft.',
  ),
  CHECKPOINT_NOT_PREPARED: fatal(
    'A checkpoint was committed before a sink had prepared it.',
    'Report this as a bug in rxweft.',
  ),
  PREPARE_FAILED: retriable(
    'A sink could not prepare a checkpoint. Nothing of this checkpoint was committed.',
    'See the cause. The restart strategy decides about the next attempt.',
  ),
  BARRIERS_OUT_OF_STEP: fatal(
    'The inputs of an operator delivered barriers of different checkpoints.',
    'Take every input from a source of the same job, and use no operator that drops or delays stream elements.',
  ),
  NO_RESTORE: fatal(
    'An operator received an element before the `Restore` that begins every stream.',
    'Begin the stream with a `Restore`; a marble picture begins with R.',
  ),
  PIPELINE_ENDED: fatal(
    'The pipeline completed before its sources did, so later records would be lost.',
    'Remove operators that complete by themselves, such as `take`.',
  ),
  NOT_OPENED: fatal(
    'A source, sink or codec was used before it was opened.',
    'Open it first. In tests, pass a stand-in for it as the message says.',
  ),
  CREDITS_NEGATIVE: fatal(
    'More records were given back than were in flight.',
    'A sink or operator of your own gives a credit twice: give each credit back once.',
  ),
  UNCAUGHT_EXCEPTION: retriable(
    'An exception that nothing caught may have lost a record. The next attempt reads the record again.',
    'If its stack shows an operator of your own, build it from operators that pass errors on, or catch the exception.',
  ),
  UNEXPECTED: fatal(
    'An exception was thrown that rxweft does not know how to handle.',
    'See the cause. If it does not come from your own code, report it as a bug in rxweft.',
  ),
} as const
