import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Prints SqlState.java, made from the list of SQLSTATEs in sqlstates.txt. In pgpure-core:
 *
 * <pre>
 * java src/main/generator/GenerateSqlState.java > src/main/java/io/github/pgpure/SqlState.java
 * </pre>
 *
 * <p>sqlstates.txt is an extract of what a PostgreSQL server installs as errcodes.txt; for a new major version make it anew with
 *
 * <pre>
 * awk '/^Section:/ {sub("Section: ", ""); print} NF == 4 &amp;&amp; $2 ~ /^[EWS]$/ {print $1, $4}' \
 *     "$(pg_config --sharedir)/errcodes.txt" > src/main/generator/sqlstates.txt
 * </pre>
 *
 * <p>SqlStateTests checks that the two agree.
 */
class GenerateSqlState {

    public static void main(String[] args) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/main/generator/sqlstates.txt"));
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

        Map<String, Integer> uses = new HashMap<>();
        Map<String, String> classNames = new HashMap<>();
        for (String line : lines) {
            if (!line.startsWith("Class ")) {
                String[] fields = line.split(" ");
                uses.merge(fields[1], 1, Integer::sum);
                if (fields[0].endsWith("000")) {
                    classNames.put(fields[0].substring(0, 2), fields[1].replaceFirst("_exception$", ""));
                }
            }
        }

        out.print(
                """
                package io.github.pgpure;

                /**
                 * The SQLSTATEs of PostgreSQL 18, by the upper-case form of their condition names
                 * (<a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">manual</a>).
                 *
                 * <p>A name that several classes have belongs to class 22 here; in other classes the name of the class comes first.
                 * Extensions and {@code RAISE} can use any other five digits and upper-case letters.
                 */
                public final class SqlState {
                """);
        for (String line : lines) {
            if (line.startsWith("Class ")) {
                out.print("\n    // " + line + "\n\n");
                continue;
            }
            String code = line.substring(0, 5);
            String name = line.substring(6);
            String errorClass = code.substring(0, 2);
            if (uses.get(name) > 1 && !errorClass.equals("22")) {
                name = classNames.get(errorClass) + "_" + name;
            }
            out.print("    public static final String " + name.toUpperCase(Locale.ROOT) + " = \"" + code + "\";\n");
        }
        out.print(
                """

                    private SqlState() {}

                    /**
                     * The class of a SQLSTATE: its first two characters, for example {@code 23} for all violations of constraints.
                     *
                     * @param sqlState the five characters
                     * @return the first two; all of them where there are fewer
                     */
                    public static String classOf(String sqlState) {
                        return sqlState.length() <= 2 ? sqlState : sqlState.substring(0, 2);
                    }
                }
                """);
    }
}
