package io.github.pgpure.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** What the fault tests of this run found, in {@code target/fault-table.md}; thread-safe. */
public final class FaultTable {

    private static final Path FILE = Path.of("target", "fault-table.md");
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Map<Integer, List<String>> ROWS = new TreeMap<>();

    private FaultTable() {}

    /**
     * Adds a line.
     *
     * @param row its number in docs/RELIABILITY.md
     * @param result what was measured, as a format
     */
    public static void record(int row, String fault, String result, Object... arguments) {
        String text = String.format(Locale.ROOT, result, arguments);
        System.out.println("fault " + row + ": " + fault + ": " + text);
        LOCK.lock();
        try {
            ROWS.computeIfAbsent(row, key -> new ArrayList<>()).add("| " + row + " | " + fault + " | " + text + " |");
            List<String> lines = new ArrayList<>(List.of("| # | fault | result |", "|---|---|---|"));
            ROWS.values().forEach(lines::addAll);
            Files.createDirectories(FILE.getParent());
            Files.write(FILE, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            LOCK.unlock();
        }
    }

    /** Whether a test can run here; where it cannot, the table says so. */
    public static boolean canRun(int row, String fault, boolean available, String missing) {
        if (!available) {
            record(row, fault, "not run: %s is missing", missing);
        }
        return available;
    }
}
