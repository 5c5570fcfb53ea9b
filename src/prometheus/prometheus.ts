import { register as common, type Gauge, type Registry, type RegistryContentType } from 'prom-client'
import type { Measured, Metric } from '../metrics/metric.ts'
import { metricNames } from '../metrics/metricList.ts'
import { exposed, type NamedMetric } from './exposed.ts'

/** Options of `prometheus`. */
export interface PrometheusOptions {
  /** Registry of prom-client that gets the metrics. Default: its global one. */
  readonly register?: Registry<RegistryContentType> | undefined
}

/** Jobs by registry: they share its metrics, which a registry has once by name. */
const jobsOf = new WeakMap<object, Set<Measured>>()

/**
 * Registers the metrics of a job with prom-client. Each scrape reads them once; in between, nothing
 * is computed. The label `job` is `job_name` there, since Prometheus has a `job` of its own.
 *
 * ```ts
 * prometheus(execute(job, options), { register })
 * ```
 *
 * Several jobs may use one registry.
 *
 * @returns removes the job from the registry
 */
export function prometheus(job: Measured, { register = common }: PrometheusOptions = {}): () => void {
  const jobs = jobsOf.get(register) ?? registered(register)
  jobs.add(job)
  return () => void jobs.delete(job)
}

function registered(register: Registry<RegistryContentType>): Set<Measured> {
  const jobs = new Set<Measured>()
  jobsOf.set(register, jobs)
  let reading: Promise<readonly Metric[]> | null = null

  /** One reading for all metrics of a scrape, which prom-client asks for at the same time. */
  function read(): Promise<readonly Metric[]> {
    reading ??= Promise.all([...jobs].map((job) => job.metrics()))
      .then((all) => all.flat())
      .finally(() => {
        reading = null
      })
    return reading
  }

  // A registry uses no more of a metric; the classes of prom-client have methods to count.
  for (const name of metricNames) register.registerMetric(exposing(name, read) as unknown as Gauge)
  return jobs
}

/** What a registry asks of a metric: its names, and its values when it is scraped. */
function exposing(name: Metric['name'], read: () => Promise<readonly Metric[]>): NamedMetric {
  const fixed = exposed(name)
  return {
    ...fixed,
    get: async () => {
      const metrics = (await read()).filter((metric) => metric.name === name)
      return { ...fixed, values: metrics.flatMap(fixed.valuesOf) }
    },
    reset: () => undefined,
  }
}
