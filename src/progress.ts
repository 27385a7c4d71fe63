/** Told how far a long piece of work is: `done` of `total`, in whatever unit. */
export type Progress = (label: string, done: number, total: number) => void;
