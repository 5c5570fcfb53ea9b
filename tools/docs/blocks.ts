/**
 * The code blocks of a Markdown page. Behind the language, a block may carry marks:
 *
 *   ts                      a program; or, without an import of its own, a fragment, which gets the imports that it lacks
 *   ts with=orders,late     a fragment that needs what these preludes export (test/docs/preludes)
 *   ts run                  also run
 *   ts wrong                does not compile, and is there to show that
 */

export interface Block {
  readonly page: string
  /** Line of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  readonly preludes: readonly string[]
  readonly runs: boolean
  readonly isWrong: boolean
  readonly code: string
}

const fence = /^( *)(`{3,})(\w*)(.*)$/

/** @throws Error on a block that is not closed, and on a mark that does not exist. */
export function blocksOf(page: string, markdown: string): readonly Block[] {
  const lines = markdown.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', ticks, language = '', marks = ''] = fence.exec(lines[at] ?? '') ?? []
    if (ticks === undefined) continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === ticks)
    if (end < 0) throw new Error(`${page}:${at + 1}: this block is not closed`)
    const code = lines.slice(at + 1, end).map((line) => line.slice(indent.length))
    blocks.push({
      page,
      line: at + 2,
      language,
      ...meaningOf(marks, `${page}:${at + 1}`),
      code: `${code.join('\n')}\n`,
    })
    at = end
  }
  return blocks
}

function meaningOf(marks: string, place: string): Pick<Block, 'preludes' | 'runs' | 'isWrong'> {
  const words = marks.split(/\s+/).filter((word) => word !== '')
  const unknown = words.find((word) => word !== 'run' && word !== 'wrong' && !word.startsWith('with='))
  if (unknown !== undefined) throw new Error(`${place}: there is no mark "${unknown}"`)
  const preludes = words.flatMap((word) => (word.startsWith('with=') ? word.slice('with='.length).split(',') : []))
  return { preludes, runs: words.includes('run'), isWrong: words.includes('wrong') }
}
