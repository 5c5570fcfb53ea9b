/** The shapes that the pictures of the site are drawn of: lanes, marbles, barriers, boxes, arrows. */
import { type Attributes, element, text } from '../../bench/report/svg.ts'

export { text } from '../../bench/report/svg.ts'

/** One file for both: readers with a dark page get the second set of colours. */
const style = `
text { font: 13px system-ui, sans-serif; fill: #3c434b }
.title { font-weight: 600 } .small { font-size: 11.5px; fill: #656d76 } .mid { text-anchor: middle } .end { text-anchor: end }
.mono { font-family: ui-monospace, monospace; font-size: 12px }
.lane { stroke: #8c959f; stroke-width: 1.5; fill: none } .arrow { stroke: #8c959f; stroke-width: 1.5; fill: none }
.head { fill: #8c959f }
.marble { fill: #ddf4ff; stroke: #0969da; stroke-width: 1.5 }
.undone { fill: none; stroke: #8c959f; stroke-dasharray: 3 3 }
.barrier { stroke: #8250df; stroke-width: 3 } .tag { fill: #8250df; font-weight: 600 }
.box { fill: #8c959f; fill-opacity: .08; stroke: #8c959f; stroke-opacity: .5 }
.decided { fill: #1a7f37; fill-opacity: .1; stroke: #1a7f37; stroke-width: 1.5 } .good { fill: #1a7f37; font-weight: 600 }
.bad { fill: #cf222e; font-weight: 600 } .cross { stroke: #cf222e; stroke-width: 3 }
.first { fill: #0969da; fill-opacity: .1; stroke: #0969da } .second { fill: #bc4c00; fill-opacity: .1; stroke: #bc4c00 }
.of-first { stroke: #0969da; stroke-width: 1.5; fill: none } .of-second { stroke: #bc4c00; stroke-width: 1.5; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #d1d7e0 } .small { fill: #9198a1 } .marble { fill: #0c2d6b; stroke: #58a6ff }
.undone { fill: none; stroke: #8c959f }
.barrier { stroke: #bc8cff } .tag { fill: #bc8cff } .decided { stroke: #3fb950 } .good { fill: #3fb950 } .bad { fill: #ff7b72 } .cross { stroke: #ff7b72 }
.first { fill: #58a6ff; fill-opacity: .12; stroke: #58a6ff } .second { fill: #f0883e; fill-opacity: .12; stroke: #f0883e }
.of-first { stroke: #58a6ff } .of-second { stroke: #f0883e } }
`

export interface Picture {
  readonly width: number
  readonly height: number
  /** What somebody hears who cannot see it. */
  readonly description: string
  readonly parts: readonly string[]
}

export function svgOf({ width, height, description, parts }: Picture): string {
  const size = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' }
  const inside = [element('title', {}, description), element('style', {}, style), ...parts]
  return `${element('svg', size, `\n${inside.join('\n')}\n`)}\n`
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return element('line', { class: kind, x1, y1, x2, y2 })
}

/** A stretch of time, from left to right. */
export function lane(name: string, y: number, from: number, to: number): readonly string[] {
  return [text(name, from - 12, y + 4, { class: 'end' }), line(from, y, to, y, 'lane'), arrowHead(to, y, 0)]
}

export function marble(label: string, x: number, y: number, kind = ''): readonly string[] {
  return [
    element('circle', { class: `marble ${kind}`.trim(), cx: x, cy: y, r: 13 }),
    text(label, x, y + 4.5, { class: 'mid' }),
  ]
}

export function barrier(x: number, y: number, number?: number): readonly string[] {
  const tag = number === undefined ? [] : [text(String(number), x, y - 20, { class: 'mid tag' })]
  return [line(x, y - 15, x, y + 15, 'barrier'), ...tag]
}

export function box(x: number, y: number, width: number, height: number, kind = 'box'): string {
  return element('rect', { class: kind, x, y, width, height, rx: 6 })
}

export function arrow(x1: number, y1: number, x2: number, y2: number, kind = 'arrow'): readonly string[] {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  return [line(x1, y1, x2, y2, kind), arrowHead(x2, y2, angle)]
}

export function cross(x: number, y: number): readonly string[] {
  return [line(x - 9, y - 9, x + 9, y + 9, 'cross'), line(x - 9, y + 9, x + 9, y - 9, 'cross')]
}

function arrowHead(x: number, y: number, angle: number): string {
  const attributes: Attributes = {
    class: 'head',
    points: '0,0 -9,-4.5 -9,4.5',
    transform: `translate(${Math.round(x)} ${Math.round(y)}) rotate(${Math.round(angle)})`,
  }
  return element('polygon', attributes)
}
