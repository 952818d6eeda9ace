package io.github.pgpure.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What is measured together, in turns: one workload, one size, several clients.
 *
 * @param name what it is selected by; the points of a curve have the same
 * @param point the x of a point of a curve, 0 for what is no curve
 * @param callers how many call at a time
 * @param connections how many the pool has
 * @param rows how many one operation reads or writes
 * @param query where the rows are read from
 * @param heap the measured JVM's {@code -Xmx}, empty for its default
 */
record Scenario(
        String name,
        Group group,
        String what,
        Workload workload,
        int point,
        int callers,
        int connections,
        int rows,
        String query,
        boolean tls,
        Pin pin,
        String heap,
        List<Cell> cells) {

    /** What can be selected as a whole. */
    enum Group {
        ALL,
        TLS,
        GROWTH
    }

    /** On which cores client and server run. One caller's round trip depends on it more than on the client. */
    enum Pin {
        FREE,
        SAME_CORE,
        APART
    }

    static Scenario of(String name, String what, Workload workload, List<Cell> cells) {
        return new Scenario(name, Group.ALL, what, workload, 0, 1, 1, 1, "", false, Pin.FREE, "1g", cells);
    }

    Scenario callers(int callers, int connections) {
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    Scenario rows(int rows, String query) {
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    Scenario heap(String heap) {
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    Scenario pinned(Pin pin) {
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    Scenario withTls(String name) {
        return new Scenario(
                name,
                Group.TLS,
                what + ", over TLS",
                workload,
                point,
                callers,
                connections,
                rows,
                query,
                true,
                pin,
                heap,
                cells);
    }

    Scenario named(String name, String what) {
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    /** With one more client. */
    Scenario with(Cell cell) {
        List<Cell> more = new ArrayList<>(cells);
        more.add(cell);
        return new Scenario(
                name, group, what, workload, point, callers, connections, rows, query, tls, pin, heap, more);
    }

    Scenario point(int point) {
        return new Scenario(
                name, Group.GROWTH, what, workload, point, callers, connections, rows, query, tls, pin, heap, cells);
    }

    /** Its name in the results, {@code W2-callers=16} for a point of a curve. */
    String id() {
        return point == 0 ? name : name + "=" + point;
    }

    Cell cell(String label) {
        return cells.stream()
                .filter(cell -> cell.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no cell " + label + " in " + id()));
    }

    /** Whether a word of the selection means it: its name, its group, or for a point of a curve {@code W2-callers=16}. */
    boolean isSelectedBy(String word) {
        return word.equalsIgnoreCase(name) || word.equalsIgnoreCase(id()) || word.equalsIgnoreCase(group.name());
    }
}
