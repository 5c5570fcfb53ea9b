/**
 * A flame graph as SVG: callers are below, callees above, the width is the time. Names show when
 * the pointer rests on them.
 */
import { element, picture, text } from '../report/svg.ts'
import type { Frame } from './cpuProfile.ts'

const width = 1_200
const row = 18
/** Narrower ones are left out, pixels. */
const narrowest = 0.5
const letter = 6.6

interface Box {
  readonly frame: Frame
  readonly x: number
  readonly wide: number
  readonly depth: number
}

export function flameGraph(root: Frame): string {
  const boxes = [...boxesOf(root, 0, width, 0)]
  const height = (Math.max(...boxes.map(({ depth }) => depth)) + 1) * row
  const drawn = boxes.map(({ frame, x, wide, depth }) => {
    const y = height - (depth + 1) * row
    const share = `${((100 * frame.total) / root.total).toFixed(1)} %, ${(frame.total / 1_000).toFixed(0)} ms`
    const box = element('rect', {
      x,
      y,
      width: Math.max(narrowest, wide - 0.5),
      height: row - 1,
      fill: colourOf(frame.name),
    })
    const letters = Math.floor((wide - 6) / letter)
    const label =
      letters < 3 ? '' : text(frame.name.slice(0, letters), x + 3, y + 13, { style: 'font-size:11px;fill:#1f2328' })
    return element(
      'g',
      {},
      `${element('title', {}, `${frame.name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}: ${share}`)}${box}${label}`,
    )
  })
  return picture(width, height, 'Flame graph', drawn)
}

function* boxesOf(frame: Frame, x: number, wide: number, depth: number): Generator<Box> {
  yield { frame, x, wide, depth }
  let at = x
  for (const child of frame.children) {
    const its = (child.total / frame.total) * wide
    if (its >= narrowest) yield* boxesOf(child, at, its, depth + 1)
    at += its
  }
}

/** One function has one colour wherever it is; those of V8 and Node are grey. */
function colourOf(name: string): string {
  if (name.startsWith('(') || !name.includes(' ')) return '#b6bec7'
  let hash = 0
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360
  return `hsl(${20 + (hash % 40)}, 85%, ${62 + (hash % 12)}%)`
}
