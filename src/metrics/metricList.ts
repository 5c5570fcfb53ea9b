/**
 * All metrics of a job, with kind, unit, labels and meaning. The adapters, the tables of the docs,
 * and the checks of dashboard and alerts are made from this list.
 *
 * The number of values is bounded: by the partitions that a shard reads, by the operators of the
 * job, and by the error codes that occur.
 */
/** Kind of a metric: a counter only rises; a gauge may fall; a histogram has buckets. */
export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** Unit of a metric's value. */
export type MetricUnit = 's' | 'bytes' | 'records' | '1'

/** Name of a label. */
export type MetricLabel =
  | 'job'
  | 'shard'
  | 'source'
  | 'sink'
  | 'operator'
  | 'topic'
  | 'partition'
  | 'table'
  | 'thread'
  | 'phase'
  | 'code'
  | 'event'
  | 'quantile'

export interface MetricRow {
  readonly kind: MetricKind
  readonly unit: MetricUnit
  /** Labels besides `job`, and besides `shard`, which all but those of threads have. */
  readonly labels: readonly MetricLabel[]
  /** Meaning, one sentence. */
  readonly text: string
}

const row = (kind: MetricKind, unit: MetricUnit, labels: readonly MetricLabel[], text: string): MetricRow => ({
  ...{ kind, unit, labels, text },
})

export const metricList = {
  'job.ready': row('gauge', '1', [], '1 if `health()` says that the job is ready in this process, otherwise 0.'),
  'job.live': row('gauge', '1', [], '1 if `health()` says that the job is live in this process, otherwise 0.'),
  'source.records': row('counter', 'records', ['source'], 'Records that the source has emitted.'),
  'source.bytes': row('counter', 'bytes', ['source'], 'Bytes that the source has read, compressed as they came.'),
  'source.lag': row(
    ...(['gauge', 'records', ['source', 'topic', 'partition']] as const),
    'Offsets between the next record to read and the readable end of the partition, as of the last answer.',
  ),
  'source.blocked': row(
    ...(['counter', 's', ['source']] as const),
    'Time for which the source has waited for sinks and asynchronous operators.',
  ),
  'source.watermark': row('gauge', 's', ['source'], 'Watermark that the source has emitted, seconds since the epoch.'),
  'source.watermark.delay': row('gauge', 's', ['source'], 'Time of day minus the watermark of the source.'),
  'source.partition.delay': row(
    ...(['gauge', 's', ['source', 'topic', 'partition']] as const),
    'Time of day minus the event time that the partition has reached: the largest one holds the watermark back.',
  ),
  'operator.records': row('counter', 'records', ['operator'], 'Records that the operator has taken.'),
  'operator.inflight': row(
    ...(['gauge', 'records', ['operator']] as const),
    'Records that an asynchronous operator, or the sinks, hold and have not finished.',
  ),
  'operator.blocking': row(
    ...(['counter', 's', ['operator']] as const),
    'Time for which sources have waited for this operator: the bottleneck has the highest rate.',
  ),
  'operator.barrier': row(
    ...(['gauge', 's', ['operator']] as const),
    'Time for which the operator holds a barrier, or has held the last one.',
  ),
  'operator.watermark': row(
    'gauge',
    's',
    ['operator'],
    'Watermark that the operator has taken, seconds since the epoch.',
  ),
  'operator.watermark.delay': row('gauge', 's', ['operator'], 'Time of day minus the watermark of the operator.'),
  'operator.late': row('counter', 'records', ['operator'], 'Late records that the operator has dropped.'),
  'operator.skipped': row('counter', 'records', ['operator'], 'Bad records that the operator has skipped.'),
  'operator.deadletters': row('counter', 'records', ['operator'], 'Bad records that have become dead letters.'),
  'sink.records': row('counter', 'records', ['sink'], 'Records that the sink has taken.'),
  'sink.bytes': row('counter', 'bytes', ['sink'], 'Bytes that the sink has written, before compression.'),
  'shard.inflight': row('gauge', 'records', [], 'Records that sources have emitted and that are not finished.'),
  'shard.running': row('gauge', '1', [], '1 if the shard has restored its state and runs, otherwise 0.'),
  'shard.restarts': row('counter', '1', ['code'], 'Restarts of the shard, by the code of the error.'),
  'shard.takeover': row('histogram', 's', [], 'Time from the start of an attempt until its state is restored.'),
  'shard.events': row('counter', '1', ['event'], 'Events of the job, by type.'),
  'checkpoint.number': row('gauge', '1', [], 'Number of the last committed checkpoint.'),
  'checkpoint.age': row('gauge', 's', [], 'Time since the last committed checkpoint; 0 while the job is idle.'),
  'checkpoint.underway': row('gauge', 's', [], 'Time since the oldest checkpoint in progress was triggered; 0: none.'),
  'checkpoint.duration': row('histogram', 's', [], 'Time from the trigger of a checkpoint to its commit.'),
  'checkpoint.phase': row(
    ...(['histogram', 's', ['phase']] as const),
    'Time of each phase: barrier (it passes the pipeline, sinks flush), store (snapshot), commit (the decision, and what follows it).',
  ),
  'checkpoint.bytes': row('histogram', 'bytes', [], 'Size of the snapshots.'),
  'checkpoint.failures': row('counter', '1', ['code'], 'Checkpoints that have failed, by the code of the error.'),
  'state.entries': row('gauge', 'records', ['operator', 'table'], 'Entries of keyed state.'),
  'state.bytes': row(
    ...(['gauge', 'bytes', ['operator', 'table']] as const),
    'Size of keyed state as snapshots encode it, estimated by the entries written last.',
  ),
  'thread.delay': row(
    ...(['gauge', 's', ['thread', 'quantile']] as const),
    'Delay of the event loop in the last seconds: quantiles 0.5, 0.99 and 1.',
  ),
  'thread.busy': row('counter', 's', ['thread'], 'Time for which the event loop was not idle.'),
  'thread.heap': row('gauge', 'bytes', ['thread'], 'Used heap of the thread.'),
  'thread.silence': row('gauge', 's', ['thread'], 'Time since the last sign of life of the thread.'),
  'process.memory': row('gauge', 'bytes', [], 'Memory of the process (resident set).'),
} satisfies Readonly<Record<string, MetricRow>>

/** Name of a metric. */
export type MetricName = keyof typeof metricList

/** Names of all metrics, in the order of the list. */
export const metricNames = Object.keys(metricList) as readonly MetricName[]

/** Row of a metric. */
export const rowOf = (name: MetricName): MetricRow => metricList[name]

/** Whether the metric has a shard: those of a process, a thread and the whole job have none. */
export function hasShard(name: MetricName): boolean {
  return !['job', 'thread', 'process'].includes(name.split('.')[0] as string)
}
