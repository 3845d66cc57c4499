// Downloads one file that may be continued, with the built package and nothing but defaults. Arguments: url, path.
import {FileWriter, HttpDownload} from 'jupiter-download';

const [url, path] = process.argv.slice(2);
await new HttpDownload({url, writer: new FileWriter(path, {resume: true})}).run();
