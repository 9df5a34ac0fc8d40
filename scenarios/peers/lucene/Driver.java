import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

/**
 * Lucene as a peer. {@code build ROWS INDEX} makes an index; {@code serve INDEX TOKENS WEIGHTS WIDEST_KM} answers lines:
 * {@code ask QUESTION}, {@code all THREADS FILE}, {@code report SERVICE STATE}.
 */
final class Driver {
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private final IndexWriter writer;
    private final int tokens;
    private final Weights weights;
    private final double widestKm;
    private DirectoryReader reader;
    private IndexSearcher searcher;

    public static void main(String[] args) throws Exception {
        try (Directory directory = new MMapDirectory(Path.of(args[args[0].equals("build") ? 2 : 1]))) {
            if (args[0].equals("build")) {
                Rows.write(directory, Path.of(args[1]));
            } else {
                Driver driver = new Driver(directory, Integer.parseInt(args[2]), Weights.parse(args[3]), Double.parseDouble(args[4]));
                driver.serve();
            }
        }
    }

    private Driver(Directory directory, int tokens, Weights weights, double widestKm) throws IOException {
        writer = new IndexWriter(directory, Rows.config());
        this.tokens = tokens;
        this.weights = weights;
        this.widestKm = widestKm;
        reader = DirectoryReader.open(writer);
        searcher = new IndexSearcher(reader);
    }

    private void serve() throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println("ready\t" + reader.leaves().size());
        out.flush();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int blank = line.indexOf(' ');
            String rest = line.substring(blank + 1);
            switch (line.substring(0, blank)) {
                case "ask" -> out.println(ask(rest));
                case "all" -> out.println(all(rest.split(" ", 2)));
                case "report" -> out.println(report(rest.split(" ")));
                default -> throw new IllegalArgumentException(line);
            }
            out.flush();
        }
    }

    private String ask(String question) throws IOException {
        long wall = System.nanoTime(), cpu = CPU.getCurrentThreadCpuTime();
        Best best = search(question);
        Best.Found[] found = best.best();
        cpu = CPU.getCurrentThreadCpuTime() - cpu;
        wall = System.nanoTime() - wall;
        StringBuilder text = new StringBuilder();
        text.append(cpu).append('\t').append(wall).append('\t').append(best.total).append('\t');
        for (Best.Found one : found) text.append(one.service()).append(':').append(one.score()).append(',');
        text.append('\t');
        for (int token = 0; best.counts != null && token < best.counts.length; token++) {
            if (best.counts[token] > 0) text.append(token).append(':').append(best.counts[token]).append(',');
        }
        return text.toString();
    }

    private Best search(String question) throws IOException {
        Asked asked = new Asked(question, widestKm);
        Best best = new Best(asked, weights, tokens);
        searcher.search(asked.query, best);
        return best;
    }

    /** Answers every question of a file once, on several threads; gives the time that took. */
    private String all(String[] args) throws Exception {
        List<String> questions = Files.readAllLines(Path.of(args[1]));
        AtomicInteger next = new AtomicInteger();
        Thread[] threads = new Thread[Integer.parseInt(args[0])];
        long start = System.nanoTime();
        for (int at = 0; at < threads.length; at++) {
            threads[at] = new Thread(() -> {
                for (int one = next.getAndIncrement(); one < questions.size(); one = next.getAndIncrement()) {
                    try {
                        search(questions.get(one)).best();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            threads[at].start();
        }
        for (Thread thread : threads) thread.join();
        return Long.toString(System.nanoTime() - start);
    }

    /** Changes the state of a service and makes searches see it; gives the time that took. */
    private String report(String[] args) throws IOException {
        long start = System.nanoTime();
        writer.updateDocValues(new Term("id", args[0]), new NumericDocValuesField("capacity", Long.parseLong(args[1])));
        DirectoryReader newer = DirectoryReader.openIfChanged(reader, writer);
        if (newer == null) throw new IllegalStateException("Lucene does not show the update");
        reader.close();
        reader = newer;
        searcher = new IndexSearcher(reader);
        return Long.toString(System.nanoTime() - start);
    }
}
