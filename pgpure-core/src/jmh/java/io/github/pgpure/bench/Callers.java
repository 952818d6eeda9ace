package io.github.pgpure.bench;

/** Who calls a client. */
enum Callers {
    PLATFORM("", ""),
    VIRTUAL("-virtual", ", virtual threads"),
    CALLBACKS("", "");

    private final String label;
    private final String title;

    Callers(String label, String title) {
        this.label = label;
        this.title = title;
    }

    String label() {
        return label;
    }

    String title() {
        return title;
    }

    /** Whether this JDK has them. */
    boolean available() {
        return this != VIRTUAL || Runtime.version().feature() >= 21;
    }
}
