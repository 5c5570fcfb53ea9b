/** Holds the files for containers to the program that they run. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const root = join(import.meta.dirname, '../..')
const folder = 'examples/machines'
const read = (file: string): string => readFileSync(join(root, folder, file), 'utf8')

const program = read('wordCount.ts')
/** Variables that the program reads. */
const known = [...program.matchAll(/\benv\.([A-Z_]+)/g)].map(([, name = '']) => name)
const [deployment, budget] = parseAllDocuments(read('kubernetes.yaml'), { strict: true }).map((one) => one.toJS())
const compose = parse(read('compose.yaml'), { strict: true, merge: true })
const dockerfile = read('Dockerfile')
const started = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]')

describe('kubernetes.yaml', () => {
  const { replicas, selector, strategy, template } = deployment.spec
  const [container, ...others] = template.spec.containers

  it('runs the program of the image in three pods, with variables that it reads', () => {
    expect([replicas, others]).toEqual([3, []])
    expect(container.command).toEqual(started)
    expect(existsSync(join(root, started.at(-1)))).toBe(true)
    const names = container.env.map(({ name }: { name: string }) => name)
    expect(names.filter((name: string) => !known.includes(name))).toEqual([])
    expect(names).toContain('INSTANCE')
  })

  it('has no volume, leaves on SIGTERM, and replaces one pod after the other', () => {
    expect([template.spec.volumes, container.volumeMounts, container.lifecycle]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60)
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(program).toMatch(/once\('SIGTERM', \(\) => void running\.leave\(\)\)/)
  })

  it('asks probes that the program answers', () => {
    const port = container.ports.find(({ name }: { name: string }) => name === 'probes').containerPort
    expect(container.env.find(({ name }: { name: string }) => name === 'PORT').value).toBe(String(port))
    expect([container.readinessProbe, container.livenessProbe].map((probe) => probe.httpGet)).toEqual([
      { path: '/ready', port: 'probes' },
      { path: '/live', port: 'probes' },
    ])
    expect(program).toContain("=== '/live'")
  })

  it('selects its own pods, in the budget too', () => {
    const labels = template.metadata.labels
    expect([selector.matchLabels, budget.spec.selector.matchLabels]).toEqual([labels, labels])
    expect(template.spec.topologySpreadConstraints[0].labelSelector.matchLabels).toEqual(labels)
  })
})

describe('compose.yaml', () => {
  const workers = Object.entries<Record<string, never>>(compose.services).filter(([name]) =>
    name.startsWith('word-count'),
  )

  it('runs three processes of the image, each with a name of its own, and variables that the program reads', () => {
    expect(workers).toHaveLength(3)
    for (const [name, { environment, build }] of workers) {
      const { context, dockerfile } = build as unknown as { context: string; dockerfile: string }
      expect(existsSync(join(root, folder, context, dockerfile))).toBe(true)
      expect(Object.keys(environment ?? {}).filter((variable) => !known.includes(variable))).toEqual([])
      expect(environment).toMatchObject({ INSTANCE: name })
    }
  })

  it('depends on services that exist, and creates the topics that the program reads and writes', () => {
    const names = Object.keys(compose.services)
    const wanted = Object.values<{ depends_on?: object }>(compose.services).flatMap((one) =>
      Object.keys(one.depends_on ?? {}),
    )
    expect(wanted.filter((name) => !names.includes(name))).toEqual([])
    const created = /for topic in ([\w ]+);/.exec(compose.services.topics.command)?.[1]?.split(' ')
    const used = [...program.matchAll(/topic: '(\w+)'/g)].map(([, name]) => name)
    expect(created?.toSorted()).toEqual(used.toSorted())
  })
})

describe('the Dockerfile', () => {
  it('copies files that exist', () => {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
    expect(copied.length).toBeGreaterThan(3)
    expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })
})
