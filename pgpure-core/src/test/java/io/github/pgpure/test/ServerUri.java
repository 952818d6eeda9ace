package io.github.pgpure.test;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** The parts of a libpq URI that names one server by host and port. */
record ServerUri(String host, int port, String database, String username, String password, String parameters) {

    static ServerUri parse(String text) {
        URI uri = URI.create(text);
        String userInfo = uri.getRawUserInfo();
        if (uri.getHost() == null || userInfo == null) {
            // The URI may hold a password, so the message does not repeat it.
            throw new IllegalArgumentException(
                    "PGPURE_TEST_URL must look like postgresql://user:password@host:5432/database, with one host");
        }
        String[] login = userInfo.split(":", 2);
        String username = decode(login[0]);
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        return new ServerUri(
                uri.getHost().replaceAll("[\\[\\]]", ""),
                uri.getPort() < 0 ? 5432 : uri.getPort(),
                path == null || path.length() < 2 ? username : decode(path.substring(1)),
                username,
                login.length == 2 ? decode(login[1]) : "",
                query == null ? "" : "?" + query);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
