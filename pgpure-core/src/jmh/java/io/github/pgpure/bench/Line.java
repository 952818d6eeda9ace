package io.github.pgpure.bench;

/** A row of the tables that are filled. */
record Line(int id, int v, String t) {

    static Line of(int id) {
        return new Line(id, id * 7, "row number " + id);
    }

    /** Appends the row as COPY's text format has it. */
    void appendTo(StringBuilder text) {
        text.append(id)
                .append('\t')
                .append(v)
                .append('\t')
                .append(t)
                .append('\n');
    }
}
