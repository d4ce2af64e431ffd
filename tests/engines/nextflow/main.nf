// A study in parts under Nextflow:  nextflow run tests/engines/nextflow --study my-study --shards 20 --outdir results
// Nextflow stages inputs as symbolic links, which --follow-links reads and records.

include { PLATEWISE_PART    } from './modules/local/platewise/part/main'
include { PLATEWISE_COMBINE } from './modules/local/platewise/combine/main'

params.study  = null
params.shards = 4
params.outdir = 'results'

workflow {
    def meta  = [id: file(params.study).name]
    ch_shards = Channel.of(1..params.shards).map { shard ->
        [meta + [shard: shard, shards: params.shards], file(params.study, checkIfExists: true)]
    }
    PLATEWISE_PART(ch_shards)

    ch_parts = PLATEWISE_PART.out.part
        .map { of_shard, part -> [of_shard.subMap('id'), part] }
        .groupTuple(size: params.shards)
    PLATEWISE_COMBINE(ch_parts)
}
