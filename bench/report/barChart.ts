/** Horizontal bars in groups, each with its figure and a line from the smallest to the largest of its runs. All groups have one scale of their own. */
import { element, picture, text } from './svg.ts'

export interface BarGroup {
  readonly title: string
  readonly bars: readonly {
    readonly name: string
    readonly median: number
    readonly min: number
    readonly max: number
    readonly ours: boolean
    /** The second of a pair. */
    readonly faint?: boolean
  }[]
}

export interface BarChart {
  readonly title: string
  readonly note: string
  readonly groups: readonly BarGroup[]
  show(value: number): string
}

const width = 720
/** For the names: the longest is "Kafka Streams tuned". */
const left = 160
/** For the figure behind the longest bar. */
const right = 70
const row = 22
const head = 50
const groupHead = 30

export function barChart({ title, note, groups, show }: BarChart): string {
  const parts = [text(title, 10, 22, { class: 'title' }), text(note, 10, 40, { class: 'small' })]
  let y = head
  for (const group of groups) {
    parts.push(text(group.title, left, y + 20))
    y += groupHead
    const most = Math.max(...group.bars.map(({ max }) => max))
    for (const bar of group.bars) {
      parts.push(...barAt(bar, y, (value) => (value / most) * (width - left - right), show))
      y += row
    }
  }
  return picture(width, y + 10, title, parts)
}

function barAt(
  { name, median, min, max, ours, faint = false }: BarGroup['bars'][number],
  y: number,
  scale: (value: number) => number,
  show: (value: number) => string,
): readonly string[] {
  const middle = y + row / 2 - 2
  const colour = faint ? (ours ? 'faint' : 'pale') : ours ? 'ours' : 'other'
  return [
    text(name, left - 8, y + 14, { 'text-anchor': 'end' }),
    element('rect', { class: colour, x: left, y, width: Math.max(1, scale(median)), height: row - 5, rx: 2 }),
    element('line', { class: 'range', x1: left + scale(min), x2: left + scale(max), y1: middle, y2: middle }),
    text(show(median), left + Math.max(scale(median), scale(max)) + 6, y + 14),
  ]
}
