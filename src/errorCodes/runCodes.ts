import { fatal, retriable } from './row.ts'

/** Starting from a checkpoint, checkpoints while the job runs, and the end of an attempt. */
export const runCodes = {
  CANNOT_RESET: fatal(
    'A source cannot be reset to the position that `reset` names. Nothing was written.',
    'Do as the message says.',
  ),
  SHARDS_CHANGED: fatal(
    'The job was started with another number of shards than before.',
    "Start it with the former number, or with `rescale: 'at-start'` to spread it over another number.",
  ),
  STATE_HAS_NO_SLOT: fatal(
    'Slots are to move to other shards, and a state cannot follow: it is not known which partition a key belongs to, or a key is in the wrong one. Nothing was written.',
    'Put `repartition(topic)` between `keyBy` and the operator, or declare the source `keyed: true`. Start the job with its former number of shards meanwhile.',
  ),
  CANNOT_BE_RESCALED: fatal(
    '`job.rescale` was called for a job whose number of shards cannot change while it runs.',
    "Start the job with `rescale: 'at-start'`, or with `members`.",
  ),
  JOB_NOT_RUNNING: fatal(
    '`job.rescale` was called before the shards of the job run, or after its end.',
    "Call it later, or start the job with another number of shards and `rescale: 'at-start'`.",
  ),
  KEY_MISPLACED: fatal(
    'A source is declared `keyed`, and a record is in another partition than its key chooses.',
    'Remove `keyed`, and put `repartition(topic)` before the state.',
  ),
  PARTITIONS_GREW: fatal(
    'The topic of a source declared `keyed` has gained partitions, so keys have left their state.',
    'Start the job under another name, or with `repartition(topic)` before the state.',
  ),
  TOPICS_DIFFER: fatal(
    'A source declared `keyed` reads topics with different numbers of partitions.',
    'Read each topic with a source of its own.',
  ),
  SHARD_DIED: retriable(
    'The thread of a shard has ended unexpectedly.',
    'See the cause. The restart strategy decides about the next attempt.',
  ),
  SHARD_HANGS: retriable(
    'The job was to stop, and a thread has shown no sign of life for 30 s: a function of the job does not return. The shard has taken no final checkpoint; the next start goes on from its last one.',
    'Find the function: the message names the shard. The next start may hang at the same record.',
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
    'Give each credit back once: a sink or operator of your own gave one back twice.',
  ),
  UNCAUGHT_EXCEPTION: retriable(
    'An exception that nothing caught may have lost a record. The next attempt reads the record again.',
    'If its stack shows an operator of your own, build it from operators that pass errors on, or catch the exception.',
  ),
  BAD_DELAY: fatal(
    'A restart policy, or `retry.delay` of `asyncMap`, returned something that is not a delay.',
    'Return a number of ms from 0; a restart policy returns null to give up. The cause of the error is the failure before it.',
  ),
  PART_FAILED: retriable(
    'A source, sink, ledger, state backend or storage threw an error of its own, such as that of a lost connection.',
    'See the cause. The restart strategy decides about the next attempt. In a part of your own, throw a `FatalError` for what no restart can cure.',
  ),
  UNEXPECTED: fatal(
    'An exception was thrown that rxweft does not know how to handle: a mistake in a program (`TypeError`, `RangeError`, `ReferenceError`), or an error outside of any part.',
    'See the cause. If it does not come from your own code, report it as a bug in rxweft.',
  ),
} as const
