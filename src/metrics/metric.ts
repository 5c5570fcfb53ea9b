import type { MetricKind, MetricLabel, MetricName, MetricUnit } from './metricList.ts'

/** Value of a metric at one moment, as returned by `job.metrics()`. */
export interface Metric {
  /** Name; see the table in docs/observe.md. */
  readonly name: MetricName
  /** Such as `{ job: 'orders', shard: '0', source: 'kafka:orders' }`. */
  readonly labels: MetricLabels
  /**
   * Value now. A counter only rises, and begins at 0 again with each process or thread. Of a
   * histogram it is the sum of all observations.
   */
  readonly value: number
  /** Unit of the value: seconds, bytes, records, or 1 for a plain number. */
  readonly unit: MetricUnit
  /** Kind of the metric. */
  readonly kind: MetricKind
  /** Distribution of the observations; only of a histogram. */
  readonly distribution?: Distribution
}

/** Observations of a histogram. */
export interface Distribution {
  /** Number of observations. */
  readonly count: number
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[]
  /** Number of observations in each bucket; the last one, without a bound, has the rest. */
  readonly counts: readonly number[]
}

/** Labels of a value. */
export type MetricLabels = Readonly<Partial<Record<MetricLabel, string>>>

/** Something that has metrics, such as the handle of a job. */
export interface Measured {
  /** Name of the job. */
  readonly job: string
  /** Resolves with the values of all metrics now. */
  metrics(): Promise<readonly Metric[]>
}

/** Receives one value. Values that are not finite are left out. */
export type Add = (name: MetricName, labels: MetricLabels, value: number) => void
