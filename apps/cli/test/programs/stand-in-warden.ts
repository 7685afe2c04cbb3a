import "./stand-in.ts";
