package io.github.pgpure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection service file: sections of settings under a name
 * (<a href="https://www.postgresql.org/docs/current/libpq-pgservice.html">manual</a>).
 *
 * <pre>
 * [shop]
 * host=db1
 * dbname=shop
 * </pre>
 *
 * <p>No message shows a line of it: a password may stand there.
 */
final class ServiceFile {

    private ServiceFile() {}

    /**
     * The settings of one service from the first of these files that has it.
     *
     * @param mustExist whether the first file is to be there
     * @throws IllegalArgumentException when none has it, or one is malformed
     */
    static Map<String, String> read(String service, List<Path> files, boolean mustExist) {
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            if (!Files.isRegularFile(file)) {
                if (mustExist && i == 0) {
                    throw new IllegalArgumentException("the service file " + file + " does not exist");
                }
                continue;
            }
            Map<String, String> settings = section(service, file);
            if (settings != null) {
                return settings;
            }
        }
        throw new IllegalArgumentException("the service \"" + service + "\" is defined in none of " + files
                + ": add a section [" + service + "], or name another file with servicefile");
    }

    private static @Nullable Map<String, String> section(String service, Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the service file " + file + " could not be read: "
                            + e.getClass().getSimpleName(),
                    e);
        }
        Map<String, String> settings = null;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("[")) {
                if (settings != null) {
                    break; // of several sections of one name, libpq takes the first
                }
                settings = line.equals("[" + service + "]") ? new LinkedHashMap<>() : null;
            } else if (settings != null) {
                put(settings, line, file, i + 1);
            }
        }
        return settings;
    }

    private static void put(Map<String, String> settings, String line, Path file, int number) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("line " + number + " of the service file " + file + " has no \"=\"");
        }
        String keyword = line.substring(0, equals);
        if (keyword.equals("service") || keyword.equals("servicefile")) {
            throw new IllegalArgumentException("line " + number + " of the service file " + file
                    + " names another service, which is not supported");
        }
        if (!ConnectionKeywords.isKnown(keyword)) {
            throw new IllegalArgumentException(
                    "line " + number + " of the service file " + file + " has a keyword that is not known");
        }
        settings.putIfAbsent(keyword, line.substring(equals + 1));
    }
}
