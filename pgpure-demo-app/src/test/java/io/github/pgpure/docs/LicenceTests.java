package io.github.pgpure.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** REUSE.toml covers every file, and the licences it names are there. */
class LicenceTests {

    private static final Path ROOT = Documentation.root();
    private static final String REUSE = Documentation.read(ROOT.resolve("REUSE.toml"));

    @Test
    void everyLicenceIsThereAndNoOther() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher licences =
                Pattern.compile("(?m)^SPDX-License-Identifier = \"(.*)\"$").matcher(REUSE);
        while (licences.find()) {
            named.addAll(List.of(licences.group(1).split(" (AND|OR) ")));
        }
        try (Stream<Path> texts = Files.list(ROOT.resolve("LICENSES"))) {
            List<String> there = texts.map(text -> text.getFileName().toString().replace(".txt", ""))
                    .sorted()
                    .toList();
            assertThat(there).containsExactlyElementsOf(named);
        }
        assertThat(ROOT.resolve("LICENSE")).hasSameTextualContentAs(ROOT.resolve("LICENSES/Apache-2.0.txt"));
    }

    /** The first entry is for every file; each later one is an exception that has to be one of existing files. */
    @Test
    void everyEntryIsOfFilesThatExist() {
        List<String> paths = Pattern.compile("(?m)^path = (.*)$")
                .matcher(REUSE)
                .results()
                .flatMap(line ->
                        Pattern.compile("\"([^\"]+)\"").matcher(line.group(1)).results())
                .map(path -> path.group(1))
                .toList();
        assertThat(paths).startsWith("**");
        for (String path : paths.subList(1, paths.size())) {
            assertThat(ROOT.resolve(path.replace("/**", ""))).exists();
        }
        assertThat(REUSE.split("\\[\\[annotations]]", -1))
                .hasSameSizeAs(REUSE.split("SPDX-FileCopyrightText", -1))
                .hasSameSizeAs(REUSE.split("SPDX-License-Identifier", -1));
    }
}
