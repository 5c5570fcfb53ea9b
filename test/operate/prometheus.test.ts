/**
 * Dashboard and alerts against a real Prometheus, which scrapes a running job. Skipped where the
 * program `prometheus` is missing: apt-get install prometheus.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Registry } from 'prom-client'
import {
  asyncMap,
  boundedOutOfOrderness,
  defineJob,
  execute,
  fixedDelay,
  keyBy,
  map,
  memoryStorage,
  RetriableError,
  scan,
  text,
  to,
} from 'rxweft'
import { describe, expect, it, onTestFinished } from 'vitest'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { metricNames } from '../../src/metrics/metricList.ts'
import { prometheusName } from '../../src/metrics/prometheusNames.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { freePort } from '../../tools/broker/freePort.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { temporaryLog } from '../embedded/temporaryLog.ts'

const operate = join(import.meta.dirname, '../../examples/operate')
const rules = join(operate, 'alerts.yml')
const dashboard = JSON.parse(readFileSync(join(operate, 'dashboard.json'), 'utf8'))
const queries: readonly string[] = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
  panel.targets.map(({ expr }) => expr),
)

const isInstalled = ((): boolean => {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** What the planted fault is, once there is one. */
const fault = { planted: false }

/** A job with event time, state, an asynchronous operator and a bad record, fed all the while. */
async function running() {
  const log = await temporaryLog({ in: 2, out: 2 })
  const source = embeddedSource(log, { topic: 'in', value: text })
  const job = execute(
    defineJob(
      'observed',
      ({ from }) =>
        from(source, boundedOutOfOrderness(100)).pipe(
          map((value) => {
            if (value === 'poison') throw new Error('bad')
            if (fault.planted) throw new RetriableError('PLANTED', 'a fault')
            return value
          }),
          asyncMap(async (value) => value, { concurrency: 2 }),
          keyBy((value) => value),
          scan((count: number) => count + 1, 0, { id: 'count' }),
          map(String),
          to(embeddedSink(log, { topic: 'out', value: text })),
        ),
      { onError: 'skip' },
    ),
    {
      storage: memoryStorage(),
      checkpointing: { interval: 200 },
      restart: fixedDelay({ attempts: Infinity, delay: 100 }),
    },
  )
  await log.append('in', [{ value: 'poison', partition: 0 }])
  const feed = setInterval(() => {
    for (const partition of [0, 1]) log.append('in', [{ value: 'a', partition }]).catch(() => undefined)
  }, 50)
  onTestFinished(async () => {
    clearInterval(feed)
    await job.cancel().catch(() => undefined)
  })
  return job
}

async function scrapedBy(register: Registry): Promise<(path: string) => Promise<unknown>> {
  const server = createServer(async (_, response) => response.end(await register.metrics()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = await temporaryFolder()
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = {
    global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
    rule_files: [rules],
    scrape_configs: [{ job_name: 'rxweft', static_configs: [{ targets: [target] }] }],
  }
  writeFileSync(join(folder, 'prometheus.json'), JSON.stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    ...['--config.file', join(folder, 'prometheus.json'), '--storage.tsdb.path', join(folder, 'data')],
    ...['--web.listen-address', address],
  ])
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await ended
    server.closeAllConnections()
    server.close()
  })
  return async (path) => {
    const response = await fetch(`http://${address}/api/v1/${path}`)
    return ((await response.json()) as { data: unknown }).data
  }
}

/** Asks until the answer will do: Prometheus scrapes and evaluates at its own pace. */
async function until<A>(ask: () => Promise<A>, isEnough: (answer: A) => boolean): Promise<A> {
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined && isEnough(answer)) return answer
    await pause(250)
  }
}

describe('dashboard and alerts', () => {
  const known = metricNames.map(prometheusName)
  const parts = ['', '_bucket', '_sum', '_count']
  const named = (text: string) => [...text.matchAll(/\brxweft_\w+/g)].map(([name]) => name)

  it('name only metrics of the list', () => {
    const all = [...queries, readFileSync(rules, 'utf8')].flatMap(named)
    expect(all.length).toBeGreaterThan(20)
    expect(all.filter((name) => !known.some((one) => parts.some((part) => name === one + part)))).toEqual([])
  })

  it.skipIf(!isInstalled)('are accepted, have data, and show a planted fault, in a real Prometheus', async () => {
    execFileSync('promtool', ['check', 'rules', rules])
    const register = new Registry()
    const ask = await scrapedBy(register)
    prometheus(await running(), { register })
    const query = async (expr: string) => {
      const plain = expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '30s')
      return (await ask(`query?query=${encodeURIComponent(plain)}`)) as { result: { value: [number, string] }[] }
    }
    const alerts = async () => {
      const { alerts } = (await ask('alerts')) as { alerts: { labels: Record<string, string>; state: string }[] }
      return alerts
    }
    await until(
      () => query('rxweft_checkpoint_number > 3'),
      ({ result }) => result.length > 0,
    )
    expect(
      (await alerts()).map(({ labels }) => labels.alertname).filter((name) => name !== 'RxweftBadRecords'),
    ).toEqual([])

    fault.planted = true
    const restarting = ({ labels }: { labels: Record<string, string> }) => labels.alertname === 'RxweftRestarting'
    const raised = (await until(alerts, (all) => all.some(restarting))).find(restarting)
    expect(raised).toMatchObject({ labels: { code: 'PLANTED', job_name: 'observed' } })
    expect(['pending', 'firing']).toContain(raised?.state)

    fault.planted = false
    for (const expr of queries)
      await until(
        () => query(expr),
        ({ result }) => result.some(({ value }) => !Number.isNaN(Number(value[1]))),
      )
  })
})
