import { Command } from 'commander'
import { newProject } from '../newProject.ts'
import { counted } from '../table.ts'
import { print } from '../tell.ts'

/** Makes a new project: a job, its tests and a broker for development. */
export function initCommand(): Command {
  return new Command('init')
    .description('make a new project: a job, its tests, and a compose file with a broker')
    .argument('<folder>', 'folder to make; its name becomes that of the project')
    .option('--json', 'print JSON', false)
    .action(init)
}

async function init(folder: string, { json }: { readonly json: boolean }): Promise<void> {
  const made = await newProject(folder)
  print(json, made, () => {
    const { files } = made
    const what = `${counted(files.length, 'file')} in ${folder}: ${files.join(', ')}`
    return `${what}\n\n  cd ${folder}\n  npm install\n  npm test\n  docker compose up -d && npm start`
  })
}
