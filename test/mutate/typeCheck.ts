/** TypeScript as a server: after a change of one file, checking that file again takes milliseconds. */
import { join } from 'node:path'
import { API } from 'typescript/unstable/sync'

export interface TypeCheck {
  /** Whether the file has errors as it is on disk now; other files are not looked at. */
  fails(file: string): boolean
  /** Whether any file of the repository has errors; takes seconds. */
  failsAnywhere(): boolean
  close(): void
}

export function openTypeCheck(root: string): TypeCheck {
  const api = new API({ cwd: root })
  const config = join(root, 'tsconfig.json')
  let snapshot = api.updateSnapshot({ openProjects: [config] })
  const program = () => {
    const project = snapshot.getProject(config)
    if (project === undefined) throw new Error(`TypeScript does not know ${config}`)
    return project.program
  }
  return {
    fails(file) {
      const path = join(root, file)
      snapshot.dispose()
      snapshot = api.updateSnapshot({ fileChanges: { changed: [path] } })
      return program().getSyntacticDiagnostics(path).length + program().getSemanticDiagnostics(path).length > 0
    },
    failsAnywhere: () => program().getSemanticDiagnostics().length > 0,
    close: () => api.close(),
  }
}
