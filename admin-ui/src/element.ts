// The one list of Element Plus components in use. Importing a component by name brings no styles along, so the styles
// stand here too; everything else imports from this file.
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/el-button.css';
import 'element-plus/theme-chalk/el-dialog.css';
import 'element-plus/theme-chalk/el-drawer.css';
import 'element-plus/theme-chalk/el-input.css';
import 'element-plus/theme-chalk/el-overlay.css';
import 'element-plus/theme-chalk/el-switch.css';
import 'element-plus/theme-chalk/dark/css-vars.css';

export { ElButton, ElDialog, ElDrawer, ElInput, ElSwitch } from 'element-plus';
