import { fatal } from './row.ts'

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
  ASYNC_FUNCTION: fatal(
    'A function of an operator is async, and nothing would wait for its promise.',
    'Do asynchronous work in `asyncMap`, before the operator: it waits for each result, and a barrier waits for it, too.',
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
    'Give one of them an `id` of its own and keep it: checkpoints find state and offsets by it. If several branches read one operator, put `share()` behind it. If one source or sink is used twice, call `from` once, or `merge` the branches before `to`.',
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
  BROADCAST_IN_PART: fatal(
    'The job runs with `shards`, and each shard reads only a part of the broadcast stream of `connect`.',
    'Read it with `from(source, watermarks, { everywhere: true })`. If a part is what each shard needs, set `everywhere: false`.',
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
    'The job has more shards than the largest source has partitions. Nothing was written.',
    'Start the job with at most as many shards as partitions.',
  ),
  NO_PROGRAM: fatal(
    'The job runs with `shards`, but the file of the main program is unknown.',
    'Set the option `program` to the file that calls `execute` for this job.',
  ),
} as const
