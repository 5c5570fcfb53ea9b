import { fatal, fenced } from './row.ts'

/** Jobs whose shards run in several processes. */
export const memberCodes = {
  FIXED_MEMBERS_DIFFER: fenced(
    'Another process of `fixedMembers` has taken a shard that this one counts as its own: they were given different `of`, or one `index`.',
    'Give all processes the same `of`, and each its own `index`. While their number changes, restart each of them with the new one.',
  ),
  INSTANCE_TAKEN: fenced(
    'Another process with the same `instance` has taken the place of this one, which has ended and writes nothing more.',
    'Give each process an `instance` of its own. If this process was frozen and has been replaced, do nothing.',
  ),
  JOB_HAS_MEMBERS: fatal(
    'The job was started without `members`, but processes with `members` run it.',
    'Start it with `members`, or stop the other processes first. A killed one counts as running until its session is over.',
  ),
  NO_PLAN: fatal(
    'The job runs with `members`, but its ledger cannot keep the plan of who runs what.',
    'Use an exactly-once Kafka sink, or run the job without `members`.',
  ),
  SHARD_FAILED: fatal(
    "A shard has failed on another member of the job, and `onShardFailure` is 'end'; or no other shard is left.",
    'See the log of the member that the message names.',
  ),
  STORAGE_NOT_SHARED: fatal(
    'The job runs with `members`, but other machines cannot see what is in its checkpoint storage.',
    'Use `ledgerStorage()` or `s3Storage`, which all machines share.',
  ),
} as const
