/** The table of all metrics in docs/observe.md. */
import { hasShard, metricNames, rowOf } from '../../src/metrics/metricList.ts'
import { prometheusLabel, prometheusName } from '../../src/metrics/prometheusNames.ts'
import { otelName, otelUnit } from '../../src/opentelemetry/otelNames.ts'

const begin = '<!-- metrics: npm run observe-page -->'
const end = '<!-- /metrics -->'

/** Lines of the table. */
export function metricsTable(): string {
  const rows = metricNames.map((name) => {
    const { kind, labels, text } = rowOf(name)
    const all = [...(hasShard(name) ? (['shard'] as const) : []), ...labels].map(
      (label) => `\`${prometheusLabel(label)}\``,
    )
    const named = [`\`${name}\``, `\`${prometheusName(name)}\``, `\`${otelName(name)}\` (${otelUnit(name)})`]
    return `| ${named.join('<br>')} | ${kind} | ${all.join(', ')} | ${text} |`
  })
  return [
    '| `job.metrics()`, Prometheus, OpenTelemetry | kind | labels | meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** The page with the table in its place. */
export function withTable(page: string): string {
  const [before = '', rest = ''] = page.split(begin)
  const [, after = ''] = rest.split(end)
  return `${before}${begin}\n\n${metricsTable()}\n\n${end}${after}`
}
