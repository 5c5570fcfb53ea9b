import { Command, Option } from 'commander'
import { jobGraph } from '../../job/graph/jobGraph.ts'
import { lint } from '../../job/graph/lint.ts'
import { asMermaid } from '../explain/asMermaid.ts'
import { asSvg } from '../explain/asSvg.ts'
import { asText } from '../explain/asText.ts'
import { jobFile } from '../jobFile.ts'
import { print } from '../tell.ts'

const formats = { text: asText, mermaid: asMermaid, svg: asSvg }

interface Options {
  readonly format: keyof typeof formats
  readonly json: boolean
}

/** The graph of a job, and what it shows of common mistakes. */
export function explainCommand(): Command {
  const format = new Option('--format <format>', 'what to print').choices(Object.keys(formats)).default('text')
  return new Command('explain')
    .description('print the graph of the job that a module exports, and what it shows of common mistakes')
    .argument('<file>', 'module that exports a job as `job` or as default')
    .addOption(format)
    .option('--json', 'print JSON: nodes, edges and findings', false)
    .action(explain)
}

async function explain(file: string, { format, json }: Options): Promise<void> {
  const { job } = await jobFile(file)
  const graph = jobGraph(job)
  const findings = lint(graph)
  print(json, { ...graph, findings }, () => formats[format](graph))
  // A picture goes into a file alone.
  const say = format === 'text' ? console.log : console.error
  if (!json) for (const { node, rule, message } of findings) say(`  ! ${node}: ${message} (${rule})`)
}
