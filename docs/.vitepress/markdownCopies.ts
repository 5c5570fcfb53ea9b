/** For readers that are programs: each page as Markdown beside its HTML, and llms.txt, which lists them. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parts } from './pages.ts'

/** @param pages paths below srcDir, as `api/index.md` */
export function markdownCopies(srcDir: string, outDir: string, pages: readonly string[]): void {
  for (const page of pages) {
    mkdirSync(dirname(join(outDir, page)), { recursive: true })
    writeFileSync(join(outDir, page), withoutHead(readFileSync(join(srcDir, page), 'utf8')))
  }
  cpSync(join(srcDir, 'pictures'), join(outDir, 'pictures'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  })
  writeFileSync(join(outDir, 'llms.txt'), llms(srcDir))
}

function llms(srcDir: string): string {
  const sections = parts.map(({ title, pages }) => {
    const lines = pages.map(([file, text]) => `- [${text}](/${file}.md): ${descriptionOf(srcDir, file)}`)
    return `## ${title}\n\n${lines.join('\n')}\n`
  })
  return [
    '# rxweft\n',
    '> Exactly-once stream processing for TypeScript, Kafka to Kafka, in a plain Node process. Pipelines are RxJS 7 observables.\n',
    ...sections,
    '## API\n\n- [API reference](/api/index.md): every export, generated from its docs\n',
  ].join('\n')
}

/** As the head of the page has it, else its first sentence. */
function descriptionOf(srcDir: string, file: string): string {
  const page = readFileSync(join(srcDir, `${file}.md`), 'utf8')
  const first = /^[A-Z][^#|]*?[.:](?=\s)/m.exec(withoutHead(page))
  return /^description: (.*)$/m.exec(page)?.[1] ?? first?.[0].replaceAll('\n', ' ') ?? file
}

function withoutHead(page: string): string {
  return page.replace(/^---\n.*?\n---\n+/s, '')
}
