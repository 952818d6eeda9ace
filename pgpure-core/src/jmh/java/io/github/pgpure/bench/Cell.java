package io.github.pgpure.bench;

/**
 * One line of a table: a client, who calls it, and how it is used.
 *
 * @param variant what the client does in another way than by default, empty for nothing
 */
record Cell(Client client, Callers callers, String variant) {

    static Cell of(Client client, Callers callers) {
        return new Cell(client, callers, "");
    }

    static Cell of(Client client, Callers callers, String variant) {
        return new Cell(client, callers, variant);
    }

    /** Its name in the results: {@code pgpure-pipelined-virtual}. */
    String label() {
        String name = client.name().toLowerCase(java.util.Locale.ROOT);
        return name + (variant.isEmpty() ? "" : "-" + variant.replace(' ', '-')) + callers.label();
    }

    /** Its name in tables. */
    String title() {
        return client.title() + (variant.isEmpty() ? "" : ", " + variant) + callers.title();
    }
}
