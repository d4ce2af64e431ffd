#!/bin/sh
# A study in twenty parts under Slurm:  sh slurm.sh my-study results
# Each part is a job of an array; the last job waits for all of them.
set -eu
study=$1 results=$2 parts=20

array=$(sbatch --parsable --job-name=platewise-part --array=1-$parts --cpus-per-task=1 --mem=1G --time=00:30:00 \
    --wrap "platewise quantify '$study' --plates \$SLURM_ARRAY_TASK_ID/$parts --out 'parts/'\$SLURM_ARRAY_TASK_ID --threads 1 --findings-ok --quiet")
sbatch --job-name=platewise-combine --dependency=afterok:"$array" --cpus-per-task=4 --mem=8G --time=01:00:00 \
    --wrap "platewise combine parts/* --out '$results' --threads 4 --findings-ok"
