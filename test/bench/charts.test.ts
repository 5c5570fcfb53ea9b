import { describe, expect, it } from 'vitest'
import { flameGraph } from '../../bench/flame/flameGraph.ts'
import { charts } from '../../bench/report/charts.ts'
import type { Run } from '../../bench/report/results.ts'
import { element } from '../../bench/report/svg.ts'
import { descendants, parseXml, type XmlElement } from './xml.ts'

const about = { machine: { cores: 2 }, date: '2025-01-01T00:00:00.000Z' }
const run = (peer: string, round: number, more: Partial<Run>): Run => {
  return { scenario: 'throughput', shape: '100 B', peer, round, figures: {}, ...more }
}
const runs: Run[] = [
  ...[900, 1_000, 1_100].map((k, at) => run('rxweft', at + 1, { figures: { warm: k * 1_000 } })),
  run('Kafka <Streams> & "co"', 1, { figures: { warm: 250_000 } }),
  run('rxweft', 1, { scenario: 'latency', shape: '100 ms', figures: { p50: 60, p99: 120 } }),
  run('rxweft', 1, {
    scenario: 'memory',
    memory: [
      [0, 50 * 2 ** 20],
      [10e6, 100 * 2 ** 20],
      [20e6, 100 * 2 ** 20],
    ],
  }),
]

const drawn = (name: string, those = runs): XmlElement => parseXml(charts({ ...about, runs: those })[name] as string)
const all = (svg: XmlElement, name: string): XmlElement[] => [...descendants(svg)].filter((one) => one.name === name)
const number = (one: XmlElement | undefined, name: string): number => Number(one?.attributes[name])

describe('a chart', () => {
  it('is well-formed, with the size that it says', () => {
    for (const name of ['throughput', 'latency', 'memory']) {
      const svg = drawn(name)
      expect(svg.name).toBe('svg')
      expect(svg.attributes.viewBox).toBe(`0 0 ${svg.attributes.width} ${svg.attributes.height}`)
      for (const text of all(svg, 'text')) expect(number(text, 'y')).toBeLessThanOrEqual(number(svg, 'height'))
    }
  })

  it('has bars as long as their medians, the longest first', () => {
    const [first, second] = all(drawn('throughput'), 'rect')
    expect(number(first, 'width') / number(second, 'width')).toBeCloseTo(4, 1)
    expect([first?.attributes.class, second?.attributes.class]).toEqual(['ours', 'other'])
  })

  it('shows how far the runs were apart', () => {
    const [range] = all(drawn('throughput'), 'line')
    const [bar] = all(drawn('throughput'), 'rect')
    const left = number(bar, 'x')
    expect((number(range, 'x1') - left) / number(bar, 'width')).toBeCloseTo(0.9, 2)
    expect((number(range, 'x2') - left) / number(bar, 'width')).toBeCloseTo(1.1, 2)
  })

  it('names peers as they are called, whatever is in their names', () => {
    expect(all(drawn('throughput'), 'text').map(({ text }) => text)).toContain('Kafka <Streams> & "co"')
  })

  it('draws memory within its axes, by records', () => {
    const points = all(drawn('memory'), 'polyline')[0]
      ?.attributes.points?.split(' ')
      .map((point) => point.split(',').map(Number))
    const [[x0, y0] = [], [x1, y1] = [], [x2, y2] = []] = points ?? []
    expect((x1 as number) - (x0 as number)).toBeCloseTo((x2 as number) - (x1 as number))
    expect(y1).toBe(y2)
    expect(y1).toBeLessThan(y0 as number)
  })

  it('is not drawn of what was not measured, or not verified', () => {
    expect(charts({ ...about, runs: [] })).toEqual({})
    const failed = runs.map((one) => ({ ...one, problem: '1 missing' }))
    expect(charts({ ...about, runs: failed })).toEqual({})
  })
})

describe('a flame graph', () => {
  const leaf = (name: string, self: number) => ({ name, self, total: self, children: [] })
  const root = {
    ...{ name: 'all', self: 0, total: 1_000 },
    children: [{ name: 'a<b> a.js:1', self: 250, total: 750, children: [leaf('c c.js:1', 500)] }, leaf('(gc)', 250)],
  }

  it('is as wide as the time, callers below and the called within them', () => {
    const boxes = all(parseXml(flameGraph(root)), 'rect')
    const wide = boxes.map((box) => Math.round(number(box, 'width')))
    expect(wide).toEqual([1_200, 900, 600, 300])
    const [base, a, c] = boxes
    expect(number(base, 'y')).toBeGreaterThan(number(a, 'y'))
    expect(number(a, 'y')).toBeGreaterThan(number(c, 'y'))
    expect(number(c, 'x')).toBe(number(a, 'x'))
  })

  it('tells name, share and time of each', () => {
    const titles = all(parseXml(flameGraph(root)), 'title').map(({ text }) => text)
    expect(titles).toContain('a<b> a.js:1: 75.0 %, 1 ms')
  })
})

describe('an element', () => {
  it('keeps what would end an attribute from doing so', () => {
    expect(parseXml(element('a', { b: '"<&>' })).attributes).toEqual({ b: '"<&>' })
  })
})

describe('the reader of XML that judges them', () => {
  it.each(['<a>', '<a></b>', '<a b=c/>', '<a b="1" b="2"/>', '<a>&</a>', '<a/><b/>', '<a b="<"/>', 'a'])(
    'refuses %s',
    (text) => {
      expect(() => parseXml(text)).toThrow()
    },
  )
})
