// The part of ECharts that the pages use. How the bundle beside this file was made:
//   npm install echarts@5.6.0 esbuild
//   npx esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=chrome86 \
//     --legal-comments=none --banner:js="/* Apache ECharts 5.6.0, Apache-2.0, see LICENSE and NOTICE; cut down by entry.js */" --define:process.env.NODE_ENV='"production"' --outfile=echarts.min.js
export { init } from "echarts/core";
import { use } from "echarts/core";
import { LineChart } from "echarts/charts";
import { GridComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, LegendPlainComponent, TooltipComponent, SVGRenderer]);
