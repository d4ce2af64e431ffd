process PLATEWISE_PART {
    tag "${meta.id} ${meta.shard}/${meta.shards}"
    label 'process_single'

    container "platewise:0.1.0" // built from tests/engines/Dockerfile

    input:
    tuple val(meta), path(study)

    output:
    tuple val(meta), path("${prefix}"), emit: part
    tuple val("${task.process}"), val('platewise'), eval("platewise --version | sed 's/platewise //'"), topic: versions, emit: versions_platewise

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}.part${meta.shard}"
    """
    platewise quantify \\
        ${study} \\
        --plates ${meta.shard}/${meta.shards} \\
        --out ${prefix} \\
        --follow-links \\
        --findings-ok \\
        --threads ${task.cpus} \\
        --quiet \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}.part${meta.shard}"
    """
    mkdir ${prefix}
    touch ${prefix}/part.json
    """
}
