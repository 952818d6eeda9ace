package io.github.pgpure.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's pages: README.md and everything under docs/ that is no decision record. */
final class Documentation {

    /** A fenced block, with the marker that may stand before it: {@code <!-- GuestBook.java#service -->}. */
    private static final Pattern BLOCK =
            Pattern.compile("(?m)^(?:<!-- (\\S+?)(?:#(\\S+))? -->\\n)?```(\\w*)\\n((?s:.*?))^```$");

    private Documentation() {}

    /**
     * A fenced block.
     *
     * @param page where it stands
     * @param source the file its text comes from, empty for none
     * @param tag the part of that file, empty for all of it
     * @param language the word behind the fence
     * @param text what it says, with a line feed at the end of each line
     */
    record Block(Path page, String source, String tag, String language, String text) {}

    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("mvnw"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    static List<Path> pages() {
        try (Stream<Path> docs = Files.walk(root().resolve("docs"))) {
            List<Path> pages = new ArrayList<>();
            pages.add(root().resolve("README.md"));
            docs.filter(page -> page.toString().endsWith(".md") && !page.startsWith(root().resolve("docs/adr")))
                    .sorted()
                    .forEach(pages::add);
            return pages;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Block> blocks(Path page) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(read(page));
        while (matcher.find()) {
            blocks.add(new Block(
                    page,
                    matcher.group(1) == null ? "" : matcher.group(1),
                    matcher.group(2) == null ? "" : matcher.group(2),
                    matcher.group(3),
                    matcher.group(4)));
        }
        return blocks;
    }

    /** The only block of the README with this language. */
    static String readmeBlock(String language) {
        List<Block> blocks = blocks(root().resolve("README.md")).stream()
                .filter(block -> block.language().equals(language))
                .toList();
        if (blocks.size() != 1) {
            throw new AssertionError("README.md has " + blocks.size() + " blocks of " + language + ", not one");
        }
        return blocks.get(0).text();
    }

    /** The part of a source between {@code // tag::x[]} and {@code // end::x[]}, without the indentation it has there. */
    static String snippet(String source, String tag) {
        if (tag.isEmpty()) {
            return source;
        }
        Matcher matcher = Pattern.compile("(?m)^ *// tag::" + Pattern.quote(tag) + "\\[\\]\\n((?s:.*?))^ *// end::"
                        + Pattern.quote(tag) + "\\[\\]$")
                .matcher(source);
        if (!matcher.find()) {
            throw new AssertionError("no tag " + tag);
        }
        // stripIndent counts the last line, which behind a line feed would be empty and not indented at all.
        return matcher.group(1).stripTrailing().stripIndent() + "\n";
    }
}
