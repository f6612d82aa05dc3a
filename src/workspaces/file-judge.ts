/** What may be read of a workspace, as the index has it; the room `ask` fits it. */
export interface FileJudge {
  /** Why uploads do not take a file, by its path alone: secret files, `.git`, dependencies. */
  refuses(path: string): string | null;
  /** The rules of the top folder of a workspace. @param root - its real path */
  top(root: string, workspaceId: string): Promise<FolderJudge>;
  /** Reads a file that the names do not speak against. Never throws, and follows no link. */
  read(root: string, path: string): Promise<{ kind: 'text'; text: string } | { kind: 'left out'; reason: string }>;
}

/** The rules in one folder. */
export interface FolderJudge {
  /** Why a folder is left out whole; `null`: it is not. */
  folder(name: string): string | null;
  /** Why a file is not read, by its name and size; `null`: nothing speaks against it so far. */
  file(name: string, bytes: number): string | null;
  below(name: string): Promise<FolderJudge>;
}
