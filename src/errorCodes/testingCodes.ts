import { fatal, retriable } from './row.ts'

/** `rxweft/testing`. */
export const testingCodes = {
  BAD_MARBLES: fatal(
    'A marble picture has a character that is not a marble.',
    'Use letters for records, digits for barriers, R | # ( ) - and space, or <JSON>, <watermark 5>, <idle>, <barrier 12>.',
  ),
  NO_SUCH_CHECKPOINT: fatal(
    'No barrier of this checkpoint has left the pipeline.',
    'Ask for a checkpoint of the picture.',
  ),
  NO_SUCH_SOURCE: fatal('The job under test has no such source.', 'Use one of the names in the message.'),
  NO_SUCH_SINK: fatal('The job under test has no such sink.', 'Use one of the names in the message.'),
  JOB_NOT_RUNNING: fatal('The job under test was stopped and could not be restored.', 'See the error of the restore.'),
  JOB_ENDED: fatal('The job under test has taken its last checkpoint.', 'Call `restore()` first.'),
  CHECKPOINT_WAITS: fatal(
    'The barrier of a checkpoint has not passed the job, because a function of `asyncMap` has not settled.',
    'Call `advance(ms)` before, so that the function settles.',
  ),
  FOREIGN_CHECKPOINT: fatal(
    'The checkpoint was taken by another test job.',
    'Continue from it with `testJob(job, { restoreFrom: checkpoint })`.',
  ),
  CANNOT_REPLAY: fatal(
    'A job with a repartition topic cannot be replayed: its shards read what others write.',
    'Split the job in two, or test it with `testJob`.',
  ),
  SHARD_MISSING: fatal('The savepoint has no shard of this number.', 'Use one of the numbers in the message.'),
  NOTHING_BETWEEN: fatal(
    'No input lies between the two savepoints of a replay or preview, so it would show nothing.',
    'Name the earlier savepoint as `from`, and a later one as `to`.',
  ),
  REPLAY_DIFFERS: fatal(
    'A replay arrived at another state than production did.',
    'See `differences()`. The job depends on the order between partitions, on the time of day or on services, or it is another version.',
  ),
  CONTRACT_BROKEN: fatal(
    'An operator, source or sink breaks rules of its contract.',
    'The message lists the rules, and what was seen instead.',
  ),
  CRASH_TEST: retriable('The crash test ended this attempt on purpose.', 'Nothing.'),
  CRASH_TEST_FAILED: fatal(
    'The output after a crash differs from the output without one.',
    'The message shows the step and the difference, and how to run this crash alone.',
  ),
  CRASH_TEST_UNDISTURBED: fatal('The job fails the crash test without a crash.', 'Correct this first.'),
  CRASH_TEST_NOT_DETERMINISTIC: fatal(
    'Two runs without a crash differ, so a difference after a crash would prove nothing.',
    'Make the job deterministic, as the message says.',
  ),
  CRASH_TEST_STUCK: fatal(
    'The job did not read its input to the end.',
    'Functions that take time must answer at once, or sleep on the `clock` that the job is given.',
  ),
} as const
