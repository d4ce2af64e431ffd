process PLATEWISE_COMBINE {
    tag "${meta.id}"
    label 'process_medium'

    container "platewise:0.1.0" // built from tests/engines/Dockerfile

    input:
    tuple val(meta), path(parts)

    output:
    tuple val(meta), path("${prefix}"), emit: results
    tuple val("${task.process}"), val('platewise'), eval("platewise --version | sed 's/platewise //'"), topic: versions, emit: versions_platewise

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}.results"
    """
    platewise combine \\
        ${parts} \\
        --out ${prefix} \\
        --findings-ok \\
        --threads ${task.cpus} \\
        --quiet \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}.results"
    """
    mkdir ${prefix}
    touch ${prefix}/concentrations.csv
    """
}
